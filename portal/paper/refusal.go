package paper

import (
	"io"
	"time"
)

// RefusalData is what Mẫu 03 says. A refusal rests on law: reason and ground are both due.
type RefusalData struct {
	Letterhead
	Form         string    `json:"form"`
	Number       string    `json:"number,omitempty"`
	Code         string    `json:"code"`
	At           time.Time `json:"at"`
	Unit         string    `json:"unit"`
	Submitter    string    `json:"submitter"`
	Owner        string    `json:"owner"`
	Address      string    `json:"address,omitempty"`
	Phone        string    `json:"phone,omitempty"`
	Email        string    `json:"email,omitempty"`
	Request      string    `json:"request"`
	Reason       string    `json:"reason"`
	Ground       string    `json:"ground"`
	Advice       string    `json:"advice,omitempty"` // what the person may do instead
	Officer      string    `json:"officer"`
	OfficerTitle string    `json:"officer_title,omitempty"`
	Contact      string    `json:"contact,omitempty"`
	Tracking     string    `json:"tracking"`
}

// Refusal draws Mẫu 03, "Phiếu từ chối tiếp nhận giải quyết hồ sơ".
func Refusal(w io.Writer, d RefusalData) error {
	a := about{title: "Phiếu từ chối tiếp nhận giải quyết hồ sơ " + d.Code, author: d.Agency, at: d.At, form: d.Form, running: "Hồ sơ " + d.Code}
	return draw(w, a, func(s *sheet) {
		s.letterhead(d.Letterhead, numberOr(d.Number, d.Code), d.At)
		s.heading("PHIẾU TỪ CHỐI\nTIẾP NHẬN GIẢI QUYẾT HỒ SƠ", "", d.Tracking)
		s.field("Mã hồ sơ", d.Code)
		s.field("Đơn vị tiếp nhận", d.Unit)
		s.field("Đã xem xét hồ sơ của", d.Submitter)
		s.field("Chủ hồ sơ", d.Owner)
		s.field("Địa chỉ", d.Address)
		s.contacts(d.Phone, d.Email)
		s.field("Nội dung yêu cầu giải quyết", d.Request)
		s.say("Qua xem xét, " + d.Unit + " thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau:")
		s.para(look{face: plain, align: justify, indent: 10, gap: fieldGap}, span{d.Reason, plain.bold()})
		s.field("Căn cứ pháp lý", d.Ground)
		s.field("Hướng dẫn", d.Advice)
		s.helper(d.Officer, d.OfficerTitle, d.Contact, d.Tracking)
		s.say("Không đồng ý với việc từ chối này, người nộp hồ sơ có quyền khiếu nại, khởi kiện theo quy định của pháp luật.")
		s.signatures(4,
			signature{title: []string{"NGƯỜI NỘP HỒ SƠ"}, hint: "(Ký và ghi rõ họ tên)", name: d.Submitter},
			signature{title: []string{"NGƯỜI TỪ CHỐI"}, hint: "(Ký và ghi rõ họ tên)", name: d.Officer},
		)
	})
}
