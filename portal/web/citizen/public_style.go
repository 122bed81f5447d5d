package citizen

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/web"
)

// stylePage is every component in its states (ux 4.6), with words that need all the room
// above and below a line that Vietnamese can need.
type stylePage struct {
	Sample locales.Text
	Errors []web.ErrorLink
	Fields []styleFields
	Rows   []eforms.Row
	At     time.Time
	Code   string
	URL    string
}

type styleFields struct {
	Title  web.Words
	Fields []eforms.Field
}

// sample is the test string for type: stacked marks, small and capital, dots below.
var sample = locales.V("Nguyễn Thị Thuỷ Ường – Ẩm thực ở Đắk Lắk, Ộp ẹp ĐỘNG ĐẤT ỄNH ƯƠNG")

func (h *Pages) style(c *fiber.Ctx) error {
	at := h.Now()
	kinds, answers := styleKinds(at)
	return h.Show(c, fiber.StatusOK, "public/style", web.Page{
		Title: locales.M("public.style"),
		Back:  "/",
		Data: stylePage{
			Sample: sample, At: at, Code: "H01.15-261121-0001", URL: h.Address("/tra-cuu?ma=H01.15-261121-0001"),
			Errors: []web.ErrorLink{{Field: "sai", Message: locales.M("public.style.error.name")}, {Field: "ngay-sai", Message: locales.M("public.style.error.date")}},
			Fields: append(styleFieldsOf(at), kinds...), Rows: append(styleRows(at), answers...),
		},
	})
}

func styleFieldsOf(at time.Time) []styleFields {
	source := &eforms.Fact{Source: locales.Text{VI: "CSDL quốc gia về dân cư", EN: "National population database"}, At: at}
	wrong, wrongDate, caution := locales.M("public.style.error.name"), locales.M("public.style.error.date"), locales.M("public.style.warning")
	options := func(id string, checked int) []eforms.Choice {
		all := []eforms.Choice{
			{ID: id, Value: "1", Label: sample},
			{ID: id + "-2", Value: "2", Label: locales.V("Ủy ban nhân dân xã Ộp Ẹp"), Hint: sample},
			{ID: id + "-3", Value: "3", Label: locales.V("Không có giấy nào ở trên"), None: true},
		}
		if checked >= 0 {
			all[checked].Checked = true
		}
		return all
	}
	date := func(id, day, month, year string, wrong bool) []eforms.Part {
		return []eforms.Part{
			{ID: id, Name: id + ".day", Part: "day", Label: locales.Text{VI: "Ngày", EN: "Day"}, Value: day, Width: 2},
			{ID: id + "-thang", Name: id + ".month", Part: "month", Label: locales.Text{VI: "Tháng", EN: "Month"}, Value: month, Width: 2, Wrong: wrong},
			{ID: id + "-nam", Name: id + ".year", Part: "year", Label: locales.Text{VI: "Năm", EN: "Year"}, Value: year, Width: 4},
		}
	}
	place := []eforms.Part{
		{ID: "tinh", Name: "noi-o.province", Part: "province", Label: locales.Text{VI: "Tỉnh, thành phố", EN: "Province or city"}, Choices: options("tinh-1", 0)[:2]},
		{ID: "xa", Name: "noi-o.commune", Part: "commune", Label: locales.Text{VI: "Xã, phường, đặc khu", EN: "Commune, ward or special zone"}, Choices: options("xa-1", -1)[:2]},
		{ID: "so-nha", Name: "noi-o.detail", Part: "detail", Label: locales.Text{VI: "Ấp, khóm, số nhà, đường", EN: "Hamlet, house number, street"}, Value: "Khóm Đông Thịnh 9", Autocomplete: "street-address"},
	}
	return []styleFields{
		{locales.M("public.style.text"), []eforms.Field{
			{ID: "ten", Name: "ten", Kind: eforms.Name, Label: locales.Text{VI: "Họ, chữ đệm và tên", EN: "Full name"}, Hint: sample, Value: "Nguyễn Thị Thuỷ Ường", Autocomplete: "name"},
			{ID: "sai", Name: "sai", Kind: eforms.Name, Label: sample, Value: "Ễ", Fault: &wrong},
			{ID: "dinh-danh", Name: "dinh-danh", Kind: eforms.PersonalID, Label: locales.Text{VI: "Số định danh cá nhân", EN: "Personal ID number"}, Value: "001 086 012 345", InputMode: "numeric", Width: 14, Warning: &caution},
			{ID: "tien", Name: "tien", Kind: eforms.Money, Label: sample, Suffix: locales.Text{VI: "đồng", EN: "VND"}, InputMode: "numeric", Width: 14, Optional: true, Source: source},
			{ID: "ly-do", Name: "ly-do", Kind: eforms.LongText, Label: locales.Text{VI: "Lý do", EN: "Reason"}, Value: sample.VI, MaxLength: 80},
		}},
		{locales.M("public.style.choices"), []eforms.Field{
			{ID: "chon-1", Name: "chon-1", Kind: eforms.Radios, Label: sample, Choices: options("chon-1", 0)[:2]},
			{ID: "co-khong", Name: "co-khong", Kind: eforms.YesNo, Label: locales.Text{VI: "Có hay không?", EN: "Yes or no?"}, Fault: &wrong, Choices: []eforms.Choice{{ID: "co-khong", Value: "true", Label: locales.Text{VI: "Có", EN: "Yes"}}, {ID: "co-khong-2", Value: "false", Label: locales.Text{VI: "Không", EN: "No"}}}},
			{ID: "nhieu", Name: "nhieu", Kind: eforms.Checkboxes, Label: sample, Choices: options("nhieu", 1)},
			{ID: "danh-sach", Name: "danh-sach", Kind: eforms.Select, Label: sample, Choices: options("danh-sach-1", 1)[:2]},
		}},
		{locales.M("public.style.dates"), []eforms.Field{
			{ID: "ngay", Name: "ngay", Kind: eforms.Date, Label: sample, Hint: locales.Text{VI: "Ví dụ: 31 3 1986", EN: "For example: 31 3 1986"}, Parts: date("ngay", "31", "3", "1986", false)},
			{ID: "ngay-sai", Name: "ngay-sai", Kind: eforms.Date, Label: locales.Text{VI: "Ngày sinh", EN: "Date of birth"}, Fault: &wrongDate, Parts: date("ngay-sai", "31", "", "1986", true)},
			{ID: "hen", Name: "hen", Kind: eforms.NearDate, Label: locales.Text{VI: "Ngày hẹn", EN: "Appointment"}, Hint: locales.Text{VI: "Ví dụ: 28/11/2026", EN: "For example: 28/11/2026"}, Width: 10},
		}},
		{locales.M("public.style.groups"), []eforms.Field{
			{ID: "noi-o", Name: "noi-o", Kind: eforms.Address, Label: locales.Text{VI: "Nơi ở hiện tại", EN: "Current home"}, Parts: place, Choose: "noi-o"},
			{ID: "thanh-vien", Name: "thanh-vien", Kind: eforms.Group, Label: locales.Text{VI: "Thành viên", EN: "Members"}, Item: locales.Text{VI: "thành viên", EN: "a member"}, Add: "thanh-vien",
				Rows: []eforms.GroupRow{{Title: locales.Text{VI: "Thành viên 1", EN: "Member 1"}, Remove: "thanh-vien.0", Fields: []eforms.Field{
					{ID: "thanh-vien-0-ten", Name: "thanh-vien.0.ten", Kind: eforms.Name, Label: sample},
					{ID: "thanh-vien.0.con", Name: "thanh-vien.0.con", Kind: eforms.Group, Inner: true, Label: locales.Text{VI: "Con của người này", EN: "This person's children"}, Item: locales.Text{VI: "con", EN: "a child"}, Add: "thanh-vien.0.con",
						Rows: []eforms.GroupRow{{Title: locales.Text{VI: "Con 1", EN: "Child 1"}, Remove: "thanh-vien.0.con.0", Fields: []eforms.Field{{ID: "thanh-vien.0.con.0.ten", Name: "thanh-vien.0.con.0.ten", Kind: eforms.Name, Label: sample}}}}},
				}}}},
		}},
		{locales.M("public.style.told"), []eforms.Field{
			{ID: "khoa", Name: "khoa", Kind: eforms.Name, Label: sample, Locked: true, Shown: sample, Source: source},
			{ID: "tinh-ra", Name: "tinh-ra", Kind: eforms.Computed, Label: locales.Text{VI: "Tuổi", EN: "Age"}, Shown: locales.V("40")},
			{ID: "luu-y", Name: "luu-y", Kind: eforms.Note, Text: sample},
			{ID: "giay", Name: "giay", Kind: eforms.Attachment, Label: sample, Files: 2, Fault: &wrong},
			{ID: "cam-doan", Name: "cam-doan", Kind: eforms.Declaration, Text: sample},
		}},
	}
}

func styleRows(at time.Time) []eforms.Row {
	caution := locales.M("public.style.warning")
	source := &eforms.Fact{Source: locales.Text{VI: "CSDL quốc gia về dân cư", EN: "National population database"}, At: at}
	return []eforms.Row{
		{ID: "ten", Label: locales.Text{VI: "Họ, chữ đệm và tên", EN: "Full name"}, Value: sample, Locked: true, Source: source},
		{ID: "dien-thoai", Label: locales.Text{VI: "Số điện thoại", EN: "Phone number"}, Value: locales.V("0912 345 678"), Warning: &caution},
		{ID: "email", Label: locales.Text{VI: "Thư điện tử", EN: "Email"}, Empty: true},
		{ID: "thanh-vien", Label: locales.Text{VI: "Thành viên", EN: "Members"}, Groups: []eforms.RowGroup{{Title: locales.Text{VI: "Thành viên 1", EN: "Member 1"}, Rows: []eforms.Row{{ID: "tv", Label: sample, Value: sample}}}}},
	}
}
