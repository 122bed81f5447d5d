package vnpay

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"motcua/locales"
	"motcua/payments"
	"motcua/portal/problem"
)

// replyWithin is how long a notice may keep VNPAY waiting. When our database is away it is
// told so at once and calls again.
const replyWithin = 4 * time.Second

// IPN answers a notice that VNPAY sends from server to server. The codes 00 and 02 end it;
// after any other VNPAY calls again, at most 10 times, 5 minutes apart.
func (c *Client) IPN(ctx context.Context, rawQuery string) (code, message string) {
	ctx, cancel := context.WithTimeout(ctx, replyWithin)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			code, message = "99", "Unknown error"
			c.refuse(code, "panic", "panic", fmt.Sprint(r))
		}
	}()
	fields, err := c.word(rawQuery)
	switch {
	case err != nil:
		c.refuse("97", "signature")
		return "97", "Fail checksum"
	case fields["vnp_TmnCode"] != c.TmnCode || fields["vnp_TxnRef"] == "":
		c.refuse("01", "terminal", "ref", fields["vnp_TxnRef"])
		return "01", "Order not found"
	}
	amount, ok := parseAmount(fields["vnp_Amount"])
	if !ok {
		c.refuse("04", "amount is no amount", "ref", fields["vnp_TxnRef"])
		return "04", "Invalid amount"
	}
	out, err := c.Payments.Take(ctx, notice(fields, amount, rawQuery))
	return c.answer(fields["vnp_TxnRef"], out, err)
}

// answer is VNPAY's code for what a notice came to.
func (c *Client) answer(ref string, out payments.Outcome, err error) (code, message string) {
	switch {
	case err != nil:
		c.refuse("99", "our fault", "ref", ref, "err", err)
		return "99", "Unknown error"
	case out == payments.Recorded:
		return "00", "Confirm Success"
	case out == payments.Repeated:
		return "02", "Order already confirmed"
	case out == payments.UnknownRef:
		c.refuse("01", "unknown", "ref", ref)
		return "01", "Order not found"
	case out == payments.WrongAmount:
		c.refuse("04", "not the amount asked for", "ref", ref)
		return "04", "Invalid amount"
	}
	c.refuse("99", string(out), "ref", ref)
	return "99", "Unknown error"
}

// Returned is what a browser brought back. It is shown, and changes nothing: whoever has
// the address can open it again, and only a notice or a query is VNPAY's word to us.
type Returned struct {
	Order   string // who may see it is asked of the order
	Attempt payments.Attempt
	Says    payments.Verdict
	Answer  string // VNPAY's codes, as "response/status"
}

// Return reads the query with which VNPAY sends the payer's browser back.
func (c *Client) Return(ctx context.Context, rawQuery string) (Returned, error) {
	fields, err := c.word(rawQuery)
	if err != nil || fields["vnp_TmnCode"] != c.TmnCode {
		c.refuse("return", "signature")
		return Returned{}, problem.New(problem.Invalid, "payments.return_unverified")
	}
	a, err := c.Payments.ByRef(ctx, Name, fields["vnp_TxnRef"])
	if err != nil {
		return Returned{}, err
	}
	n := notice(fields, a.Amount, "")
	return Returned{Order: a.OrderID, Attempt: a, Says: n.Says, Answer: n.Answer}, nil
}

// notice puts verified fields into our words.
func notice(f map[string]string, amount int64, raw string) payments.Notice {
	n := payments.Notice{Provider: Name, Ref: f["vnp_TxnRef"], Amount: amount, No: number(f["vnp_TransactionNo"]), Bank: f["vnp_BankCode"],
		Answer: f["vnp_ResponseCode"] + "/" + f["vnp_TransactionStatus"], PaidAt: payDate(f["vnp_PayDate"]), Raw: raw,
		Says: verdict(f["vnp_ResponseCode"], f["vnp_TransactionStatus"])}
	if n.Says == payments.SaysPaid && n.No == "" { // money that could not be told from other money
		n.Says = payments.SaysDoubtful
	}
	return n
}

// verdict reads the two codes together. Paid is both 00; whatever hints that the payer's
// money has moved without reaching us (07 suspected, 04 reversed, 05 06 09 given back, a
// paid status beside a fault) is doubtful and never simply failed.
func verdict(response, status string) payments.Verdict {
	switch status {
	case "00":
		if response == "00" || response == "" {
			return payments.SaysPaid
		}
		return payments.SaysDoubtful
	case "01", "02":
	case "":
		if response == "00" || response == "" {
			return payments.SaysDoubtful
		}
	default:
		return payments.SaysDoubtful
	}
	switch {
	case response == "07":
		return payments.SaysDoubtful
	case response == "24":
		return payments.SaysCancelled
	case response == "00" && status == "01":
		return payments.SaysPending
	}
	return payments.SaysFailed
}

// parseAmount reads N[1,12] of hundredths: digits only, no leading zero, whole đồng.
func parseAmount(s string) (int64, bool) {
	if len(s) < 1 || len(s) > 12 || s[0] == '0' || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n%100 != 0 {
		return 0, false
	}
	return n / 100, true
}

// number is VNPAY's own; a transaction that never began has none, or 0.
func number(s string) string {
	if strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

func payDate(s string) time.Time {
	t, err := time.ParseInLocation(dateForm, s, locales.ICT)
	if err != nil {
		return time.Time{}
	}
	return t
}
