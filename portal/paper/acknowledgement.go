package paper

import (
	"fmt"
	"io"
	"time"
)

// AcknowledgementData is what Mẫu 01 says (TT 03/2025/TT-VPCP, Phụ lục I).
type AcknowledgementData struct {
	Letterhead
	Form         string       `json:"form"` // "Mẫu số 01, TT 03/2025/TT-VPCP": dated data, as the form numbers change
	Code         string       `json:"code"`
	At           time.Time    `json:"at"`   // when the paper was made
	Unit         string       `json:"unit"` // that received it
	Submitter    string       `json:"submitter"`
	Channel      string       `json:"channel"`
	Address      string       `json:"address,omitempty"`
	Phone        string       `json:"phone,omitempty"`
	Email        string       `json:"email,omitempty"`
	IDNumber     string       `json:"id_number,omitempty"` // shown masked
	Request      string       `json:"request"`
	Owner        string       `json:"owner"`
	OwnerAddress string       `json:"owner_address,omitempty"`
	Components   []Component  `json:"components"`
	Sets         int          `json:"sets"`
	Term         string       `json:"term"` // the time by rule, in words
	ReceivedAt   time.Time    `json:"received_at"`
	DueAt        time.Time    `json:"due_at"`
	Count        []CountedDay `json:"count,omitempty"`
	ReturnAt     string       `json:"return_at"` // where the result is received
	Fee          int64        `json:"fee"`
	FeeNote      string       `json:"fee_note,omitempty"`
	Officer      string       `json:"officer"`
	OfficerTitle string       `json:"officer_title,omitempty"`
	Contact      string       `json:"contact,omitempty"` // telephone
	Tracking     string       `json:"tracking"`
}

// Component is a part of a dossier and in what form it came.
type Component struct {
	Name      string `json:"name"`
	Originals int    `json:"originals,omitempty"`
	Certified int    `json:"certified,omitempty"`
	Copies    int    `json:"copies,omitempty"`
	Files     int    `json:"files,omitempty"` // electronic
}

// CountedDay is a line of "Cách tính".
type CountedDay struct {
	Day     time.Time `json:"day"`
	Words   string    `json:"words"`
	Counted bool      `json:"counted"`
}

// Acknowledgement draws Mẫu 01, "Giấy tiếp nhận hồ sơ và hẹn trả kết quả".
func Acknowledgement(w io.Writer, d AcknowledgementData) error {
	a := about{title: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả " + d.Code, author: d.Agency, at: d.At, form: d.Form, running: "Hồ sơ " + d.Code}
	return draw(w, a, func(s *sheet) {
		s.letterhead(d.Letterhead, "Mã hồ sơ: "+d.Code, d.At)
		s.heading("GIẤY TIẾP NHẬN HỒ SƠ\nVÀ HẸN TRẢ KẾT QUẢ", "", d.Tracking)
		s.field("Đơn vị tiếp nhận", d.Unit)
		s.field("Tiếp nhận hồ sơ của", named(d.Submitter, d.Channel))
		s.field("Địa chỉ", d.Address)
		s.contacts(d.Phone, d.Email)
		s.field("Số căn cước/hộ chiếu", masked(d.IDNumber))
		s.field("Nội dung yêu cầu giải quyết", d.Request)
		s.field("Chủ hồ sơ", d.Owner)
		if d.OwnerAddress != d.Address {
			s.field("Địa chỉ chủ hồ sơ", d.OwnerAddress)
		}
		s.announce("1. Thành phần hồ sơ nộp gồm:")
		s.components(d.Components)
		s.field("2. Số lượng hồ sơ", fmt.Sprintf("%02d (bộ)", d.Sets))
		s.field("3. Thời gian giải quyết theo quy định", d.Term)
		s.field("4. Thời gian nhận hồ sơ", moment(d.ReceivedAt))
		s.field("5. Thời gian trả kết quả", moment(d.DueAt))
		s.field("6. Đăng ký nhận kết quả tại", d.ReturnAt)
		s.field("7. Phí, lệ phí", fee(d.Fee, d.FeeNote))
		s.askAt(d.Contact, d.Tracking)
		s.signatures(4,
			signature{title: []string{"NGƯỜI NỘP HỒ SƠ"}, hint: "(Ký và ghi rõ họ tên)", name: d.Submitter},
			signature{title: []string{"NGƯỜI TIẾP NHẬN HỒ SƠ"}, hint: "(Ký và ghi rõ họ tên)", name: d.Officer},
		)
		s.count(d.Count)
	})
}

func (s *sheet) contacts(phone, email string) {
	switch {
	case phone != "" && email != "":
		b := plain.bold()
		s.para(look{face: plain, gap: fieldGap}, span{"Số điện thoại: ", plain}, span{unbroken(phone), b}, span{". Thư điện tử: ", plain}, span{email, b})
	case phone != "":
		s.field("Số điện thoại", phone)
	default:
		s.field("Thư điện tử", email)
	}
}

// askAt says how to follow the dossier.
func (s *sheet) askAt(contact, address string) {
	words := "Theo dõi hồ sơ tại: " + page(address)
	if contact != "" {
		words += ". Điện thoại: " + unbroken(contact)
	}
	s.para(look{face: plain, gap: fieldGap}, span{words, plain})
}

func (s *sheet) components(list []Component) {
	f, electronic := roman.of(11), false
	for _, c := range list {
		electronic = electronic || c.Files > 0
	}
	columns := []column{{"TT", 11, centre}, {"Tên thành phần hồ sơ", 0, toLeft}, {"Bản\nchính", 15, centre}, {"Bản chứng\nthực", 21, centre}, {"Bản\nphoto", 15, centre}}
	if electronic {
		columns = append(columns, column{"Tệp\nđiện tử", 18, centre})
	}
	var rows [][]cell
	for i, c := range list {
		r := []cell{text(f, centre, fmt.Sprint(i+1)), text(f, toLeft, c.Name), copies(f, c.Originals), copies(f, c.Certified), copies(f, c.Copies)}
		if electronic {
			r = append(r, copies(f, c.Files))
		}
		rows = append(rows, r)
	}
	s.table(1, f, columns, rows)
}

func copies(f face, n int) cell {
	if n == 0 {
		return text(f, centre, "")
	}
	return text(f, centre, fmt.Sprintf("%02d", n))
}

// count is the table that shows how the due time came about, so that anybody can check it.
func (s *sheet) count(days []CountedDay) {
	if len(days) == 0 {
		return
	}
	f := roman.of(10)
	var rows [][]cell
	for _, d := range days {
		mark := ""
		if d.Counted {
			mark = "x"
		}
		rows = append(rows, []cell{text(f, centre, weekday(d.Day)+", "+day(d.Day)), text(f, toLeft, d.Words), text(f, centre, mark)})
	}
	s.para(look{face: f, gap: 4, keep: true}, span{"Cách tính thời gian trả kết quả:", f.italic()})
	s.table(0.5, f, []column{{"Ngày", 45, centre}, {"Diễn giải", 0, toLeft}, {"Tính", 14, centre}}, rows)
	s.together(len(rows), 25)
}
