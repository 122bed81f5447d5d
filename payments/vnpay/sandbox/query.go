package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"

	"motcua/portal/standin"
)

const (
	queryNames = "RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo"
	replyNames = "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo TransactionType TransactionStatus OrderInfo PromotionCode PromotionAmount"
)

// query answers what became of a payment. Beside the common faults it knows forged (the
// hash does not fit) and unsigned (there is none).
func (s *Server) query(w http.ResponseWriter, r *http.Request) {
	var q map[string]string
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		q = map[string]string{}
	}
	s.mu.Lock()
	reply := s.reply(q)
	s.mu.Unlock()
	hash := seal(s.config.Secret, pipes(reply, replyNames))
	switch standin.FaultOf(r).Mode {
	case "forged":
		reply["vnp_SecureHash"] = spoil(hash)
	case "unsigned":
	default:
		reply["vnp_SecureHash"] = hash
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(reply)
}

// reply is what the gateway knows. Called with the lock held.
func (s *Server) reply(q map[string]string) map[string]string {
	reply := map[string]string{"vnp_ResponseId": fmt.Sprintf("%x", s.config.Now().UnixNano()), "vnp_Command": "querydr",
		"vnp_TmnCode": s.config.TmnCode, "vnp_TxnRef": q["vnp_TxnRef"]}
	say := func(code, message string) map[string]string {
		reply["vnp_ResponseCode"], reply["vnp_Message"] = code, message
		return reply
	}
	id := q["vnp_RequestId"]
	t, known := s.all[q["vnp_TxnRef"]]
	switch {
	case !fits(s.config.Secret, pipes(q, queryNames), q["vnp_SecureHash"]):
		return say("97", "Invalid signature")
	case q["vnp_TmnCode"] != s.config.TmnCode:
		return say("02", "Invalid TmnCode")
	case id == "" || len(id) > 32 || q["vnp_Version"] != "2.1.0" || q["vnp_Command"] != "querydr" || len(q["vnp_CreateDate"]) != 14:
		return say("03", "Invalid format")
	case s.requests[id]:
		return say("94", "Duplicate request")
	case !known || t.CreateDate != q["vnp_TransactionDate"]:
		s.requests[id] = true
		return say("91", "Order not found")
	}
	s.requests[id] = true
	reply["vnp_Amount"], reply["vnp_OrderInfo"], reply["vnp_TransactionType"] = t.Amount, t.Info, "01"
	reply["vnp_TransactionStatus"], reply["vnp_TransactionNo"], reply["vnp_PayDate"] = t.Status, t.no(), t.PayDate
	if t.Paid() {
		reply["vnp_BankCode"] = "NCB"
	}
	return say("00", "QueryDR Success")
}
