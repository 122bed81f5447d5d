package vnpay

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"motcua/locales"
	"motcua/payments"
)

// The orders in which the fields of a query and of its answer are signed.
var (
	queryOrder = []string{"RequestId", "Version", "Command", "TmnCode", "TxnRef", "TransactionDate", "CreateDate", "IpAddr", "OrderInfo"}
	replyOrder = []string{"ResponseId", "Command", "ResponseCode", "Message", "TmnCode", "TxnRef", "Amount", "BankCode", "PayDate",
		"TransactionNo", "TransactionType", "TransactionStatus", "OrderInfo", "PromotionCode", "PromotionAmount"}
)

const maxReply = 64 << 10

var errReply = errors.New("vnpay: an answer without a valid signature")

// Query asks VNPAY what became of an attempt (querydr).
func (c *Client) Query(ctx context.Context, a payments.Attempt) (payments.Notice, error) {
	reply, err := c.ask(ctx, c.queryOf(a))
	if err != nil {
		return payments.Notice{}, fmt.Errorf("%w: %w", payments.ErrNoAnswer, err)
	}
	// A signed answer about another attempt, or of another terminal, says nothing of ours.
	if !c.signed(reply[hashField], piped(reply, replyOrder)) || reply["vnp_Command"] != "querydr" || reply["vnp_TmnCode"] != c.TmnCode {
		return payments.Notice{}, fmt.Errorf("%w: %w", payments.ErrNoAnswer, errReply)
	}
	switch code := reply["vnp_ResponseCode"]; code {
	case "00":
	case "91":
		if ref := reply["vnp_TxnRef"]; ref != "" && ref != a.Ref {
			return payments.Notice{}, fmt.Errorf("%w: answer about another attempt", payments.ErrNoAnswer)
		}
		return payments.Notice{}, payments.ErrNotKnown
	default:
		return payments.Notice{}, fmt.Errorf("%w: code %q", payments.ErrNoAnswer, code)
	}
	if reply["vnp_TxnRef"] != a.Ref {
		return payments.Notice{}, fmt.Errorf("%w: answer about another attempt", payments.ErrNoAnswer)
	}
	return c.replied(a, reply)
}

// replied puts a verified answer into our words.
func (c *Client) replied(a payments.Attempt, reply map[string]string) (payments.Notice, error) {
	raw, err := json.Marshal(reply)
	if err != nil {
		return payments.Notice{}, err
	}
	amount, ok := parseAmount(reply["vnp_Amount"])
	n := notice(reply, amount, string(raw))
	switch {
	case ok:
	case n.Says == payments.SaysPaid || n.Says == payments.SaysDoubtful:
		return payments.Notice{}, fmt.Errorf("%w: amount %q", payments.ErrNoAnswer, reply["vnp_Amount"])
	default: // of what was never paid an amount may be missing
		n.Amount = a.Amount
	}
	return n, nil
}

func (c *Client) queryOf(a payments.Attempt) map[string]string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails (crypto/rand)
	fields := map[string]string{
		"vnp_RequestId":       hex.EncodeToString(id),
		"vnp_Version":         version,
		"vnp_Command":         "querydr",
		"vnp_TmnCode":         c.TmnCode,
		"vnp_TxnRef":          a.Ref,
		"vnp_TransactionDate": a.MadeAt.In(locales.ICT).Format(dateForm), // the vnp_CreateDate of the payment
		"vnp_CreateDate":      c.Now().In(locales.ICT).Format(dateForm),
		"vnp_IpAddr":          "127.0.0.1",
		"vnp_OrderInfo":       "Truy van " + a.Ref,
	}
	fields[hashField] = sign(c.Secret, piped(fields, queryOrder))
	return fields
}

// ask posts a query and reads the answer's fields, numbers as they are written.
func (c *Client) ask(ctx context.Context, fields map[string]string) (map[string]string, error) {
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.QueryURL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	client := c.HTTP
	if client == nil {
		client = patient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	var values map[string]any
	dec := json.NewDecoder(io.LimitReader(resp.Body, maxReply))
	dec.UseNumber()
	if err := dec.Decode(&values); err != nil {
		return nil, err
	}
	reply := make(map[string]string, len(values))
	for name, v := range values {
		switch v := v.(type) {
		case string:
			reply[name] = v
		case json.Number:
			reply[name] = v.String()
		}
	}
	return reply, nil
}
