package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"motcua/portal/standin"
)

// words are the signed fields of a notice or a return, as its mode has them.
func (s *Server) words(t Transaction, mode string) string {
	f := map[string]string{
		"vnp_Amount":            t.Amount,
		"vnp_BankCode":          "NCB",
		"vnp_CardType":          "ATM",
		"vnp_OrderInfo":         t.Info,
		"vnp_PayDate":           t.PayDate,
		"vnp_ResponseCode":      t.Response,
		"vnp_TmnCode":           s.config.TmnCode,
		"vnp_TransactionNo":     t.no(),
		"vnp_TransactionStatus": t.Status,
		"vnp_TxnRef":            t.Ref,
	}
	if t.Paid() {
		f["vnp_BankTranNo"] = "VNP" + t.no()
	}
	if mode == "amount" { // a hundredth of what was paid, truly signed
		n, _ := strconv.ParseInt(t.Amount, 10, 64)
		f["vnp_Amount"] = strconv.FormatInt(max(n/10000, 1)*100, 10)
	}
	data := canon(f)
	hash := seal(s.config.Secret, data)
	if mode == "forged" {
		hash = spoil(hash)
	}
	return data + "&vnp_SecureHash=" + hash
}

// announce sends the first notice before the payer's browser goes back, as the mode has it.
func (s *Server) announce(t Transaction, delay time.Duration) {
	switch t.Mode {
	case "silent":
		return
	case "late":
		if delay <= 0 {
			delay = 30 * time.Second
		}
		s.follow(t, delay)
		return
	case "double":
		s.double(t)
	default:
		s.send(t)
	}
	s.mu.Lock()
	now := *s.all[t.Ref]
	s.mu.Unlock()
	if !now.Done {
		s.follow(now, s.config.Every)
	}
}

// double says it twice at once and then ten times in a row.
func (s *Server) double(t Transaction) {
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { s.send(t) })
	}
	both.Wait()
	for range 10 {
		s.send(t)
	}
}

// follow goes on sending notices in the background until one is taken or there were enough.
func (s *Server) follow(t Transaction, wait time.Duration) {
	s.wg.Go(func() {
		for {
			select {
			case <-s.until.Done():
				return
			case <-time.After(wait):
			}
			if s.send(t) {
				return
			}
			wait = s.config.Every
		}
	})
}

// send sends one notice, keeps the answer, and says whether it was the last: 00 and 02 end
// them, and so do ten.
func (s *Server) send(t Transaction) bool {
	address := s.config.NoticeURL + "?" + s.words(t, t.Mode)
	e := standin.Entry{At: s.config.Now(), Method: http.MethodGet, Path: address}
	code := s.get(address, &e)
	s.Record(e)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.all[t.Ref]
	now.Sent++
	now.Next = s.config.Now().Add(s.config.Every)
	now.Done = now.Done || code == "00" || code == "02" || now.Sent >= s.config.Most
	s.keep(now)
	return now.Done
}

func (s *Server) get(address string, e *standin.Entry) (code string) {
	resp, err := s.http.Get(address)
	if err != nil {
		e.Answer = "(no answer: " + err.Error() + ")"
		return ""
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	e.Answer, e.Status = string(b), resp.StatusCode
	var reply struct{ RspCode string }
	if resp.StatusCode != http.StatusOK || json.Unmarshal(b, &reply) != nil {
		return ""
	}
	return reply.RspCode
}
