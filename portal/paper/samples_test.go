package paper

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/locales"
)

var filed = time.Date(2026, 1, 5, 14, 5, 9, 0, locales.ICT)

var commune = Letterhead{Parent: "Ủy ban nhân dân tỉnh Thử Nghiệm", Agency: "Ủy ban nhân dân xã Mỹ Hòa Hưng", Place: "Mỹ Hòa Hưng"}

const tracking = "https://dichvucong.thunghiem.gov.vn/tra-cuu?ma=H01.15-260105-0007"

func slip(files int) FilingSlipData {
	d := FilingSlipData{
		Letterhead: commune, Code: "H01.15-260105-0007", No: 1, FiledAt: filed, AnswerBy: filed.Add(26 * time.Hour),
		Procedure: "Cấp bản sao trích lục hộ tịch, bản sao Giấy khai sinh", ProcedureCode: "2.000635",
		Receiver: "Ủy ban nhân dân xã Mỹ Hòa Hưng", Applicant: "Nguyễn Thị Ngọc Ẩn", Owner: "Nguyễn Thị Ngọc Ẩn",
		ReturnBy: "Qua dịch vụ bưu chính công ích, đến 25 đường Trần Hưng Đạo, phường Long Xuyên", Fee: 16000, FeeNote: "2 bản, chờ thanh toán",
		AnswersSHA256: hash("answers"), Tracking: tracking,
	}
	names := []string{"Giấy tờ chứng minh quan hệ với người được khai", "Văn bản ủy quyền có công chứng, chứng thực theo quy định", "Bản chụp Giấy chứng nhận kết hôn"}
	for i := range files {
		d.Files = append(d.Files, SlipFile{
			Component: names[i%3], Name: fmt.Sprintf("Giấy tờ số %d - bản quét màu %s.pdf", i+1, strings.Repeat("rất dài ", i%4)),
			Size: int64(i*i)*76543 + 912, Pages: i % 5, SHA256: hash(fmt.Sprint(i)),
		})
	}
	return d
}

func hash(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

func acknowledgement() AcknowledgementData {
	return AcknowledgementData{
		Letterhead: commune, Form: "Mẫu số 01, TT 03/2025/TT-VPCP", Code: "H01.15-260105-0007", At: filed.Add(time.Hour),
		Unit: "Trung tâm Phục vụ hành chính công xã Mỹ Hòa Hưng", Submitter: "Nguyễn Thị Ngọc Ẩn", Channel: "trực tuyến",
		Address: "25 đường Trần Hưng Đạo, phường Long Xuyên", Phone: "0912 345 678", Email: "ngoc.an@example.vn", IDNumber: "001300000017",
		Request: "Cấp bản sao trích lục hộ tịch, bản sao Giấy khai sinh", Owner: "Nguyễn Thị Ngọc Ẩn", OwnerAddress: "25 đường Trần Hưng Đạo, phường Long Xuyên",
		Components: []Component{
			{Name: "Tờ khai cấp bản sao trích lục hộ tịch (mẫu điện tử tương tác)", Files: 1},
			{Name: "Văn bản ủy quyền có công chứng, chứng thực", Originals: 1, Certified: 2, Copies: 3},
		},
		Sets: 1, Term: "3 ngày làm việc", ReceivedAt: filed.Add(time.Hour + time.Minute), DueAt: time.Date(2026, 1, 9, 17, 0, 0, 0, locales.ICT),
		Count: []CountedDay{
			{filed, "Nhận sau giờ chốt, tính sang ngày làm việc tiếp theo", false},
			{filed.AddDate(0, 0, 1), "Ngày tiếp nhận", false},
			{filed.AddDate(0, 0, 2), "Ngày làm việc thứ 1", true},
			{filed.AddDate(0, 0, 3), "Ngày làm việc thứ 2", true},
			{filed.AddDate(0, 0, 4), "Ngày làm việc thứ 3", true},
		},
		ReturnAt: "Qua dịch vụ bưu chính công ích, đến địa chỉ của chủ hồ sơ", Fee: 16000, FeeNote: "đã thanh toán trực tuyến",
		Officer: "Trần Văn Được", Contact: "0296 3456 789", Tracking: tracking,
	}
}

func supplement() SupplementData {
	return SupplementData{
		Letterhead: commune, Form: "Mẫu số 02, TT 03/2025/TT-VPCP", Code: "H01.15-260105-0007", At: filed.Add(3 * time.Hour),
		Unit: "Trung tâm Phục vụ hành chính công xã Mỹ Hòa Hưng", Submitter: "Nguyễn Thị Ngọc Ẩn", Owner: "Nguyễn Thị Ngọc Ẩn",
		Request: "Cấp bản sao trích lục hộ tịch, bản sao Giấy khai sinh", Address: "25 đường Trần Hưng Đạo, phường Long Xuyên", Phone: "0912 345 678", Email: "ngoc.an@example.vn",
		Defects: []Defect{
			{"Văn bản ủy quyền", "Ảnh chụp bị lóa, không đọc được số chứng thực ở trang 2", "Chụp hoặc quét lại đủ 2 trang, thấy rõ số, ngày và dấu chứng thực"},
			{"Họ tên người được cấp bản sao", "Chưa đúng với Giấy khai sinh đã đăng ký: thiếu chữ đệm", "Ghi đầy đủ họ, chữ đệm, tên như trong Giấy khai sinh"},
		},
		Reason: "Điều 64 Luật Hộ tịch 2014; khoản 2 Điều 11 Nghị định 45/2020/NĐ-CP",
		Until:  time.Date(2026, 1, 20, 17, 0, 0, 0, locales.ICT), How: "Trực tuyến tại trang theo dõi hồ sơ, hoặc nộp tại nơi tiếp nhận",
		Officer: "Trần Văn Được", OfficerTitle: "công chức tư pháp - hộ tịch", Contact: "0296 3456 789", Tracking: tracking,
	}
}

func refusal() RefusalData {
	return RefusalData{
		Letterhead: commune, Form: "Mẫu số 03, TT 03/2025/TT-VPCP", Number: "03/PTC-UBND", Code: "H01.15-260105-0007", At: filed.Add(30 * time.Hour),
		Unit: "Trung tâm Phục vụ hành chính công xã Mỹ Hòa Hưng", Submitter: "Nguyễn Thị Ngọc Ẩn", Owner: "Nguyễn Thị Ngọc Ẩn",
		Address: "25 đường Trần Hưng Đạo, phường Long Xuyên", Phone: "0912 345 678", Request: "Cấp bản sao trích lục hộ tịch, bản sao Giấy khai sinh",
		Reason: "Người nộp hồ sơ không phải là người được cấp bản sao, cũng không có văn bản ủy quyền hợp lệ của người đó; quan hệ cha, mẹ, con, vợ, chồng, anh, chị, em ruột không được chứng minh sau khi đã được hướng dẫn bổ sung.",
		Ground: "Điều 63 Luật Hộ tịch 2014; khoản 1 Điều 2 Thông tư 04/2020/TT-BTP", Advice: "Người được cấp bản sao có thể tự nộp hồ sơ tại bất kỳ cơ quan quản lý cơ sở dữ liệu hộ tịch nào.",
		Officer: "Trần Văn Được", OfficerTitle: "công chức tư pháp - hộ tịch", Contact: "0296 3456 789", Tracking: tracking,
	}
}

func receipt() ReceiptData {
	return ReceiptData{
		Name: "Biên lai thu phí, lệ phí", Template: "01BLP0-001", Symbol: "AA-26E", Number: 42,
		Agency: "Ủy ban nhân dân xã Mỹ Hòa Hưng", TaxCode: "1600000001", AgencyAddress: "Ấp Mỹ An, xã Mỹ Hòa Hưng, tỉnh Thử Nghiệm", Place: "Mỹ Hòa Hưng", At: filed.Add(time.Minute),
		Payer: "Nguyễn Thị Ngọc Ẩn", PayerNumber: "001300000017", PayerAddress: "25 đường Trần Hưng Đạo, phường Long Xuyên", Code: "H01.15-260105-0007",
		Lines: []ReceiptLine{
			{Kind: Fee, Name: "Phí khai thác, sử dụng thông tin trong cơ sở dữ liệu hộ tịch", Unit: 8000, Quantity: 2, Amount: 16000},
			{Kind: Charge, Name: "Lệ phí cấp giấy tờ", Unit: 20000, Quantity: 1, Amount: 10000, Note: "Giảm 50% theo Nghị quyết của HĐND tỉnh"},
		},
		Total: 26000, Words: "Hai mươi sáu nghìn đồng", Method: "Trực tuyến qua VNPAY", Reference: "14422574", PaidAt: filed.Add(50 * time.Second),
		Lookup: "K7QX-4MPN-22TD", Verify: "https://dichvucong.thunghiem.gov.vn/xac-thuc?ma=K7QX-4MPN-22TD", Collector: "Lê Thị Thu",
	}
}

func result() ResultData {
	return ResultData{
		Letterhead: Letterhead{Agency: "Ủy ban nhân dân xã Mỹ Hòa Hưng", Place: "Mỹ Hòa Hưng"}, Number: Number(5, "TL-UBND"), At: filed,
		Title: "Trích lục khai sinh", Abstract: "(Bản sao)",
		Rows: []Row{
			{"Phần ghi về người được khai sinh", ""},
			{"Họ, chữ đệm, tên", "NGUYỄN THỊ NGỌC ẨN"}, {"Ngày, tháng, năm sinh", "31/03/2000 (ngày ba mươi mốt tháng ba năm hai nghìn)"},
			{"Giới tính", "Nữ"}, {"Dân tộc", "Kinh"}, {"Quốc tịch", "Việt Nam"}, {"Nơi sinh", "Bệnh viện Đa khoa khu vực tỉnh, phường Long Xuyên"},
			{"Số định danh cá nhân", "001300000017"},
			{"Phần ghi về cha, mẹ", ""}, {"Họ, chữ đệm, tên người mẹ", "LÊ THỊ ÚT"}, {"Họ, chữ đệm, tên người cha", "NGUYỄN VĂN ƯỚC"},
		},
		Paragraphs: []string{"Đăng ký khai sinh tại Ủy ban nhân dân xã Mỹ Hòa Hưng, số 35/2000, ngày 12 tháng 4 năm 2000. Trích lục này được lập từ Cơ sở dữ liệu hộ tịch điện tử và có giá trị như bản sao từ sổ gốc theo quy định của pháp luật về hộ tịch."},
		Recipients: []string{"Bà Nguyễn Thị Ngọc Ẩn;", "Lưu: VT, HT."},
		Signature:  Signatory{Authority: []string{"TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"}, Name: "Phạm Quốc Ưu"},
		Code:       "H01.15-260105-0007", Lookup: "K7QX-4MPN-22TD", Verify: "https://dichvucong.thunghiem.gov.vn/xac-thuc?ma=K7QX-4MPN-22TD",
	}
}

// longResult runs over several pages.
func longResult() ResultData {
	d := result()
	d.Parent, d.Title, d.Abstract = "Ủy ban nhân dân tỉnh Thử Nghiệm", "Quyết định", "Về việc cấp phép xây dựng nhà ở riêng lẻ tại ấp Mỹ An, xã Mỹ Hòa Hưng, tỉnh Thử Nghiệm"
	d.Number = Number(123, "QĐ-UBND")
	for range 12 {
		d.Opening = append(d.Opening, "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025; xét đề nghị của Trưởng phòng Kinh tế tại Tờ trình số 45/TTr-KT về việc cấp giấy phép xây dựng nhà ở riêng lẻ cho hộ gia đình, cá nhân trên địa bàn xã.")
	}
	return d
}

// form is an application as a sentence-by-sentence statutory form, with a table and an annex.
func form() FormData {
	words := func(parts ...string) (all []FormWord) {
		for i, p := range parts {
			all = append(all, FormWord{p, i%2 == 1})
		}
		return all
	}
	return FormData{
		Number: "Ban hành kèm theo Thông tư số 04/2024/TT-BTP", Title: "Tờ khai đăng ký khai sinh", To: "Ủy ban nhân dân xã Mỹ Hòa Hưng",
		Parts: []FormPart{
			{Words: words("Họ, chữ đệm, tên người yêu cầu: ", "NGUYỄN THỊ NGỌC ẨN")},
			{Words: words("Nơi cư trú: ", "25 đường Trần Hưng Đạo, phường Long Xuyên, tỉnh Thử Nghiệm", "; số định danh cá nhân: ", "001300000017", ", quan hệ với người được khai sinh: ", "Mẹ", ".")},
			{Heading: "Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:"},
			{Rows: []Row{{"Họ, chữ đệm, tên", "LÊ ƯỚC ỄNH"}, {"Ngày, tháng, năm sinh", "05/01/2026 (ngày năm tháng một năm hai nghìn không trăm hai mươi sáu)"}, {"Giấy chứng sinh", ""}}},
			{Heading: "Người làm chứng"},
			{Table: &FormTable{Head: []string{"Họ, chữ đệm và tên", "Năm sinh", "Số định danh cá nhân"}, Rows: [][]string{
				{"TRẦN VĂN ĐƯỢC", "1970", "001070000011"}, {"PHẠM THỊ ÚT", "1981", "–"}}}},
		},
		Declaration: "Tôi cam đoan những nội dung khai trên đây là đúng sự thật và chịu trách nhiệm trước pháp luật về nội dung đã khai.",
		Signs:       []string{"Người yêu cầu"}, Name: "Nguyễn Thị Ngọc Ẩn", Place: "Mỹ Hòa Hưng", At: filed, Code: "H01.15-260105-0007",
		Marks: []string{"Đã khai và xác nhận trực tuyến bằng tài khoản định danh điện tử, 14:05:09 ngày 05/01/2026"},
	}
}

// blankForm is the same to be filled by hand.
func blankForm() FormData {
	d := form()
	d.Blank, d.To, d.Code, d.Name, d.Marks = true, Blanks+Blanks, "", "", nil
	for i := range d.Parts {
		for j := range d.Parts[i].Words {
			if d.Parts[i].Words[j].Filled {
				d.Parts[i].Words[j].Text = ""
			}
		}
		for j := range d.Parts[i].Rows {
			d.Parts[i].Rows[j].Value = ""
		}
		if t := d.Parts[i].Table; t != nil {
			d.Parts[i].Table = &FormTable{Head: t.Head, Rows: [][]string{{"", "", ""}, {"", "", ""}, {"", "", ""}}}
		}
	}
	d.Signs = []string{"Xác nhận của chủ hộ", "Người yêu cầu"}
	return d
}

// papers draws every paper, by the name of its golden picture.
var papers = map[string]func(w io.Writer) error{
	"slip":            func(w io.Writer) error { return FilingSlip(w, slip(3)) },
	"slip-30":         func(w io.Writer) error { return FilingSlip(w, slip(30)) },
	"acknowledgement": func(w io.Writer) error { return Acknowledgement(w, acknowledgement()) },
	"supplement":      func(w io.Writer) error { return SupplementRequest(w, supplement()) },
	"refusal":         func(w io.Writer) error { return Refusal(w, refusal()) },
	"receipt":         func(w io.Writer) error { return Receipt(w, receipt()) },
	"result":          func(w io.Writer) error { return Result(w, result()) },
	"result-long":     func(w io.Writer) error { return Result(w, longResult()) },
	"form":            func(w io.Writer) error { return Form(w, form()) },
	"form-blank":      func(w io.Writer) error { return Form(w, blankForm()) },
}

// sampleFiles has each of them drawn once: drawing is most of what these tests cost.
var sampleFiles = sync.OnceValues(func() (map[string][]byte, error) {
	all := map[string][]byte{}
	for name, p := range papers {
		var b bytes.Buffer
		if err := p(&b); err != nil {
			return nil, err
		}
		all[name] = b.Bytes()
	}
	return all, nil
})

func sample(t testing.TB, name string) []byte {
	t.Helper()
	all, err := sampleFiles()
	if err != nil {
		t.Fatal(err)
	}
	return all[name]
}

func drawn(t testing.TB, d func(w io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
