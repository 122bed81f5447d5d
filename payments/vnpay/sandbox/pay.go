package sandbox

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"motcua/portal/standin"
)

var payPage = template.Must(template.New("").Funcs(template.FuncMap{"dong": dong}).Parse(`<!doctype html>
<html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cổng thanh toán VNPAY (giả lập)</title>
<style>body{font:1.125rem/1.5 sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem}dt{font-weight:bold}dd{margin:0 0 1rem}button{font:inherit;padding:.75rem 1.25rem;margin:0 .5rem .75rem 0}</style>
<h1>Cổng thanh toán VNPAY</h1>
<p>Đây là cổng giả lập để thử: không có tiền nào được chuyển.
{{if .Fault}}<p id="fault" role="alert">{{.Fault}} (mã {{.Code}})
{{else}}<dl><dt>Số tiền<dd id="amount">{{dong .Amount}}<dt>Nội dung<dd id="info">{{.Info}}<dt>Mã giao dịch<dd id="ref">{{.Ref}}<dt>Hết hạn<dd>{{.Expires.Format "15:04:05, 2/1/2006"}}</dl>
{{if .Response}}<p>Giao dịch này đã kết thúc. <a href="{{.Back}}">Quay lại trang dịch vụ công</a>
{{else}}<form method="post">
<button name="lam" value="tra">Thanh toán</button>
<button name="lam" value="huy">Hủy</button>
<button name="lam" value="thieu">Không đủ tiền</button>
</form>{{end}}{{end}}
`))

var overviewPage = template.Must(template.New("").Funcs(template.FuncMap{"dong": dong}).Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>vnpay stand-in</title>
<h1>vnpay stand-in</h1><p>Fault: {{.Fault.Mode}} <p><a href="/_sandbox/log">log</a>
<table><tr><th>ref<th>amount<th>info<th>response/status<th>no<th>notices<th>mode
{{range .Transactions}}<tr><td>{{.Ref}}<td>{{dong .Amount}}<td>{{.Info}}<td>{{.Response}}/{{.Status}}<td>{{.No}}<td>{{.Sent}}{{if .Done}}, done{{end}}<td>{{.Mode}}
{{end}}</table>
`))

// fault is why the pay page does not open, by VNPAY's code.
type fault struct{ Code, Text string }

// ask reads and checks what the merchant's redirect says, and finds or makes its payment.
// Called with the lock held.
func (s *Server) ask(r *http.Request) (*Transaction, *fault) {
	fields := map[string]string{}
	for name, values := range r.URL.Query() {
		if len(values) != 1 {
			return nil, &fault{"70", "Sai chữ ký"}
		}
		fields[name] = values[0]
	}
	if !fits(s.config.Secret, canon(fields), fields["vnp_SecureHash"]) {
		return nil, &fault{"70", "Sai chữ ký"}
	}
	if fields["vnp_TmnCode"] != s.config.TmnCode {
		return nil, &fault{"72", "Không tìm thấy website"}
	}
	expires, err := time.ParseInLocation("20060102150405", fields["vnp_ExpireDate"], ict)
	if bad := malformed(fields); bad != "" || err != nil {
		return nil, &fault{"03", "Dữ liệu gửi sang không đúng định dạng: " + bad}
	}
	t, known := s.all[fields["vnp_TxnRef"]]
	if known {
		if t.Amount != fields["vnp_Amount"] || t.CreateDate != fields["vnp_CreateDate"] {
			return nil, &fault{"01", "Giao dịch đã tồn tại"}
		}
		if t.Response != "" {
			return t, nil
		}
	}
	if !s.config.Now().Before(expires) {
		return nil, &fault{"15", "Giao dịch đã quá thời gian chờ thanh toán"}
	}
	if !known {
		t = &Transaction{Ref: fields["vnp_TxnRef"], Amount: fields["vnp_Amount"], Info: fields["vnp_OrderInfo"], Return: fields["vnp_ReturnUrl"],
			CreateDate: fields["vnp_CreateDate"], Expires: expires, Status: "01", Mode: "ok"}
		s.all[t.Ref] = t
		s.keep(t)
	}
	return t, nil
}

// malformed names a field that is not as version 2.1.0 wants it.
func malformed(f map[string]string) string {
	const digits = "0123456789"
	for name, want := range map[string]string{"vnp_Version": "2.1.0", "vnp_Command": "pay", "vnp_CurrCode": "VND"} {
		if f[name] != want {
			return name
		}
	}
	for _, name := range []string{"vnp_CreateDate", "vnp_ExpireDate", "vnp_IpAddr", "vnp_Locale", "vnp_OrderInfo", "vnp_OrderType", "vnp_ReturnUrl", "vnp_TxnRef"} {
		if f[name] == "" || len(f[name]) > 255 {
			return name
		}
	}
	const plain = " .:_-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + digits
	switch a := f["vnp_Amount"]; {
	case a == "" || len(a) > 12 || strings.Trim(a, digits) != "" || a[0] == '0' || !strings.HasSuffix(a, "00"):
		return "vnp_Amount"
	case strings.Trim(f["vnp_OrderInfo"], plain) != "":
		return "vnp_OrderInfo"
	case len(f["vnp_IpAddr"]) < 7 || len(f["vnp_IpAddr"]) > 45:
		return "vnp_IpAddr"
	case len(f["vnp_TxnRef"]) > 100:
		return "vnp_TxnRef"
	}
	return ""
}

// show is the pay page.
func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	t, bad := s.ask(r)
	page := s.page(t, bad)
	s.meets(t, r)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if bad != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
	_ = payPage.Execute(w, page)
}

type page struct {
	Transaction
	Fault, Code string
	Back        string
}

func (s *Server) page(t *Transaction, bad *fault) page {
	if bad != nil {
		return page{Fault: bad.Text, Code: bad.Code}
	}
	return page{Transaction: *t, Back: s.back(*t)}
}

// meets remembers a fault of the notices for the payment whose page met it: a fault set for
// one request may meet the page or the button.
func (s *Server) meets(t *Transaction, r *http.Request) {
	switch m := standin.FaultOf(r); m.Mode {
	case "silent", "double", "late", "forged", "amount":
		if t != nil && t.Response == "" {
			t.Mode = m.Mode
		}
	}
}

// answers are what the buttons come to: response, status.
var answers = map[string][2]string{"tra": {"00", "00"}, "huy": {"24", "02"}, "thieu": {"51", "02"}}

// act is a button of the pay page. Pressed again it only goes back to the merchant.
func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	answer, known := answers[r.PostFormValue("lam")]
	if !known {
		http.Error(w, "lam = tra, huy, thieu", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	t, bad := s.ask(r)
	if bad != nil {
		s.mu.Unlock()
		w.WriteHeader(http.StatusBadRequest)
		_ = payPage.Execute(w, page{Fault: bad.Text, Code: bad.Code})
		return
	}
	fresh := t.Response == ""
	s.meets(t, r)
	if fresh {
		t.Response, t.Status, t.PayDate, t.Next = answer[0], answer[1], s.now(), s.config.Now()
		if t.Paid() {
			t.No = s.number()
		}
		s.keep(t)
	}
	now := *t
	s.mu.Unlock()
	if fresh {
		s.announce(now, time.Duration(standin.FaultOf(r).DelayMS)*time.Millisecond)
	}
	http.Redirect(w, r, s.back(now), http.StatusSeeOther)
}

// back is the merchant's address with what became of the payment, signed.
func (s *Server) back(t Transaction) string {
	sep := "?"
	if u, err := url.Parse(t.Return); err == nil && u.RawQuery != "" {
		sep = "&"
	}
	return t.Return + sep + s.words(t, "ok")
}
