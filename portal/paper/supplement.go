package paper

import (
	"fmt"
	"io"
	"time"
)

// SupplementData is what Mẫu 02 says: every defect at once, how to mend each, until when.
type SupplementData struct {
	Letterhead
	Form         string    `json:"form"`
	Number       string    `json:"number,omitempty"`
	Code         string    `json:"code"`
	At           time.Time `json:"at"`
	Unit         string    `json:"unit"`
	Submitter    string    `json:"submitter"`
	Owner        string    `json:"owner"`
	Request      string    `json:"request"`
	Address      string    `json:"address,omitempty"`
	Phone        string    `json:"phone,omitempty"`
	Email        string    `json:"email,omitempty"`
	Defects      []Defect  `json:"defects"`
	Reason       string    `json:"reason,omitempty"` // for the whole, with its legal ground
	Until        time.Time `json:"until,omitzero"`
	How          string    `json:"how,omitempty"` // where the supplement is sent
	Officer      string    `json:"officer"`
	OfficerTitle string    `json:"officer_title,omitempty"`
	Contact      string    `json:"contact,omitempty"`
	Tracking     string    `json:"tracking"`
}

// Defect is one thing to mend.
type Defect struct {
	Item string `json:"item"` // the paper or the question
	What string `json:"what"` // is wrong with it
	Fix  string `json:"fix"`  // how to put it right
}

// SupplementRequest draws Mẫu 02, "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ".
func SupplementRequest(w io.Writer, d SupplementData) error {
	a := about{title: "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ " + d.Code, author: d.Agency, at: d.At, form: d.Form, running: "Hồ sơ " + d.Code}
	return draw(w, a, func(s *sheet) {
		s.letterhead(d.Letterhead, numberOr(d.Number, d.Code), d.At)
		s.heading("PHIẾU YÊU CẦU\nBỔ SUNG, HOÀN THIỆN HỒ SƠ", "", d.Tracking)
		s.field("Mã hồ sơ", d.Code)
		s.field("Hồ sơ của", d.Submitter)
		s.field("Chủ hồ sơ", d.Owner)
		s.field("Nội dung yêu cầu giải quyết", d.Request)
		s.field("Địa chỉ", d.Address)
		s.contacts(d.Phone, d.Email)
		s.announce(fmt.Sprintf("%s đề nghị bổ sung, hoàn thiện %02d nội dung sau:", d.Unit, len(d.Defects)))
		s.defects(d.Defects)
		s.field("Lý do", d.Reason)
		if !d.Until.IsZero() {
			s.field("Thời hạn bổ sung", "trước "+moment(d.Until))
		}
		s.field("Cách gửi bổ sung", d.How)
		s.say("Phiếu này nêu đầy đủ các nội dung cần bổ sung, hoàn thiện. Thời hạn giải quyết được tính tiếp khi cơ quan nhận đủ nội dung bổ sung.")
		s.helper(d.Officer, d.OfficerTitle, d.Contact, d.Tracking)
		s.signatures(4, signature{}, signature{title: []string{"NGƯỜI HƯỚNG DẪN"}, hint: "(Ký và ghi rõ họ tên)", name: d.Officer})
	})
}

func numberOr(number, code string) string {
	if number != "" {
		return "Số: " + number
	}
	return "Mã hồ sơ: " + code
}

func (s *sheet) defects(list []Defect) {
	f := roman.of(11.5)
	var rows [][]cell
	for i, d := range list {
		rows = append(rows, []cell{text(f, centre, fmt.Sprint(i+1)), text(f, toLeft, d.Item), text(f, toLeft, d.What), text(f, toLeft, d.Fix)})
	}
	s.table(1.2, f, []column{{"TT", 11, centre}, {"Giấy tờ, thông tin", 40, toLeft}, {"Nội dung chưa đúng, chưa đủ", 0, toLeft}, {"Cách bổ sung, hoàn thiện", 54, toLeft}}, rows)
}

// helper names who answers questions about the paper.
func (s *sheet) helper(officer, title, contact, address string) {
	who := officer
	if title != "" {
		who += ", " + title
	}
	if contact != "" {
		who += ", điện thoại " + unbroken(contact)
	}
	s.field("Người giải đáp", who)
	s.field("Theo dõi hồ sơ tại", page(address))
}
