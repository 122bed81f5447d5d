package paper

import (
	"fmt"
	"io"
	"time"

	"motcua/locales"
)

// FilingSlipData is what a filing slip says. It proves what arrived and when; it is not
// Mẫu 01, which only an officer's reception gives.
type FilingSlipData struct {
	Letterhead
	Code          string     `json:"code"`
	No            int        `json:"no"` // of the filing: 1 is the first, 2 and on are supplements
	FiledAt       time.Time  `json:"filed_at"`
	AnswerBy      time.Time  `json:"answer_by,omitzero"`
	Procedure     string     `json:"procedure"`
	ProcedureCode string     `json:"procedure_code"`
	Receiver      string     `json:"receiver"` // the agency that will receive it
	Applicant     string     `json:"applicant"`
	Owner         string     `json:"owner"`
	Basis         string     `json:"basis,omitempty"` // by what right the applicant files for the owner
	ReturnBy      string     `json:"return_by"`       // how the result comes, in words
	Help          string     `json:"help,omitempty"`  // who filled it for the applicant at a counter
	Fee           int64      `json:"fee"`
	FeeNote       string     `json:"fee_note,omitempty"`
	AnswersSHA256 string     `json:"answers_sha256,omitempty"` // of the filled form
	Files         []SlipFile `json:"files"`
	Tracking      string     `json:"tracking"` // the address that the QR opens
}

// SlipFile is one file as it was received.
type SlipFile struct {
	Component string `json:"component"`
	Name      string `json:"name"`
	Size      int64  `json:"size"`
	Pages     int    `json:"pages,omitempty"`
	SHA256    string `json:"sha256"` // 64 hex digits
}

// FilingSlip draws "Giấy xác nhận nộp hồ sơ trực tuyến".
func FilingSlip(w io.Writer, d FilingSlipData) error {
	a := about{title: "Giấy xác nhận nộp hồ sơ trực tuyến " + d.Code, author: d.Agency, at: d.FiledAt, running: "Hồ sơ " + d.Code}
	return draw(w, a, func(s *sheet) {
		s.letterhead(d.Letterhead, "Mã hồ sơ: "+d.Code, d.FiledAt)
		s.heading("GIẤY XÁC NHẬN NỘP HỒ SƠ TRỰC TUYẾN", "Đã nộp, chờ tiếp nhận", d.Tracking)
		s.field("Mã hồ sơ", d.Code)
		s.field("Thời điểm hệ thống nhận", second(d.FiledAt))
		if d.No > 1 {
			s.field("Lần nộp", fmt.Sprintf("%d (bổ sung)", d.No))
		}
		s.field("Thủ tục", named(d.Procedure, d.ProcedureCode))
		s.field("Cơ quan tiếp nhận", d.Receiver)
		s.field("Người nộp", d.Applicant)
		s.field("Chủ hồ sơ", d.Owner)
		if d.Basis != "" {
			s.field("Tư cách nộp", d.Basis)
		}
		if d.Help != "" {
			s.field("Nộp trực tiếp, làm giúp", d.Help)
		}
		s.field("Hình thức nhận kết quả", d.ReturnBy)
		s.field("Phí, lệ phí", fee(d.Fee, d.FeeNote))
		s.files(d.Files)
		if d.AnswersSHA256 != "" {
			s.announce("Mã băm SHA-256 của tờ khai điện tử:")
			s.para(look{face: mono.of(8.5)}, span{d.AnswersSHA256, mono.of(8.5)})
		}
		s.slipNotes(d)
	})
}

func (s *sheet) files(files []SlipFile) {
	if len(files) == 0 {
		s.say("Hồ sơ không kèm tệp nào.")
		return
	}
	s.announce(fmt.Sprintf("Các tệp hệ thống đã nhận (%d tệp):", len(files)))
	f := roman.of(11)
	var rows [][]cell
	for i, file := range files {
		pages := "–"
		if file.Pages > 0 {
			pages = fmt.Sprint(file.Pages)
		}
		what := cell{spans: []span{{file.Component + "\n", f.bold()}, {file.Name + "\n", f}, {file.SHA256, mono}}}
		weight := cell{spans: []span{{size(file.Size), f}}, align: toRight}
		if file.Size >= 1000 {
			weight.spans = append(weight.spans, span{"\n" + money(file.Size) + " byte", f.of(8.5)})
		}
		rows = append(rows, []cell{text(f, centre, fmt.Sprint(i+1)), what, weight, text(f, centre, pages)})
	}
	s.table(1.5, f, []column{{"TT", 10, centre}, {"Thành phần, tên tệp và mã băm SHA-256", 0, toLeft}, {"Dung lượng", 25, toRight}, {"Số trang", 17, centre}}, rows)
}

func (s *sheet) slipNotes(d FilingSlipData) {
	if !d.AnswerBy.IsZero() {
		s.say("Cơ quan tiếp nhận trả lời chậm nhất " + moment(d.AnswerBy) + ": tiếp nhận và hẹn trả kết quả, hoặc yêu cầu bổ sung, hoặc từ chối có nêu lý do.")
	}
	s.say("Giấy này xác nhận hồ sơ và các tệp nêu trên đã được lưu trữ an toàn trên hệ thống. Mỗi tệp được giữ nguyên như đã nhận; mã băm SHA-256 tính lại từ tệp gốc phải trùng với mã ghi ở đây. " +
		"Giấy này không thay cho Giấy tiếp nhận hồ sơ và hẹn trả kết quả, được lập khi cán bộ đã tiếp nhận hồ sơ.")
	if d.Tracking != "" {
		s.say("Theo dõi hồ sơ bằng mã hồ sơ tại: " + page(d.Tracking))
	}
}

// named is a thing with its code behind it.
func named(name, code string) string {
	if code == "" {
		return name
	}
	return name + " (" + code + ")"
}

func fee(n int64, note string) string {
	words := "Không thu"
	if n > 0 {
		words = money(n) + " đồng"
	}
	if note != "" {
		words += " (" + note + ")"
	}
	return words
}

// second is a moment to the second, as the deadline rules compare it.
func second(at time.Time) string {
	at = at.In(locales.ICT)
	return fmt.Sprintf("%02d\u00a0giờ %02d\u00a0phút %02d\u00a0giây, ngày\u00a0%s", at.Hour(), at.Minute(), at.Second(), day(at))
}
