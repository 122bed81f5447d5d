package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// pause is one look's time: what is waited for here is another process, whose clock is its own.
func pause() { time.Sleep(50 * time.Millisecond) }

// badFile is a file that must be refused, by its name.
func badFile(name string) []byte {
	pdf := string(paperPDF(1, "x"))
	switch name {
	case "rỗng.pdf":
		return nil
	case "hỏng.jpg":
		return paperJPEG(3, 64, 64)[:20]
	case "khóa.pdf":
		return []byte(strings.Replace(pdf, "/Root 1 0 R", "/Root 1 0 R /Encrypt 9 0 R", 1))
	case "chương trình.pdf":
		return []byte(strings.Replace(pdf, "/Type /Catalog", "/Type /Catalog /OpenAction <</S /JavaScript /JS (app.alert(1))>>", 1))
	case "anh.heic":
		return append([]byte("\x00\x00\x00\x18ftypheic"), make([]byte, 100)...)
	case "bom.png": // a small file that claims 60,000 × 60,000 points
		b := paperPNG(4, 8, 8)
		copy(b[16:24], "\x00\x00\xea\x60\x00\x00\xea\x60")
		binary.BigEndian.PutUint32(b[29:33], crc32.ChecksumIEEE(b[12:29]))
		return b
	case "nặng.jpg":
		return append(paperJPEG(5, 64, 64), make([]byte, 20<<20)...)
	}
	return []byte("Kính gửi Ủy ban nhân dân phường")
}

// filed is a dossier of 2.000635 by a person, its fee paid.
func filed(t *testing.T, p *program, sub, returnBy string) (w walker, id, dossier string) {
	t.Helper()
	w = person(t, p, sub)
	d := w.fileIt(w.fill(w.start("2.000635", nil), answersOfCopy(returnBy), nil))
	w.pay(d.id())
	w.until("/ho-so/"+d.id(), "Đã nhận thanh toán")
	return w, d.id(), code(d)
}

// supplement is one round of it: all defects at once, each answered, the first filing as it was.
func supplement(t *testing.T, p *program) {
	w, id, code := filed(t, p, "mai", "counter")
	desk := person(t, p, intake)
	ask := desk.goTo("/can-bo/ho-so/" + id + "/bo-sung")
	if none := desk.press(ask, "/bo-sung", entry{}); none.Status != http.StatusUnprocessableEntity {
		t.Errorf("a supplement of nothing: status %d", none.Status)
	}
	desk.deed(id, "bo-sung", url.Values{
		"muc-1": {"1"}, "sai-1": {"Chưa có giấy ủy quyền"}, "sua-1": {"Gửi bản chụp giấy ủy quyền"},
		"muc-3": {"1"}, "sai-3": {"Tên trong sổ khác"}, "sua-3": {"Ghi tên như trong sổ"}})
	w.mustSay(w.goTo("/ho-so/"+id), "Yêu cầu bổ sung giấy tờ", "2 mục")
	form02 := pdfText(t, w.file("/ho-so/"+id+"/phieu-bo-sung.pdf"))
	for _, word := range []string{code, "Chưa có giấy ủy quyền", "Ghi tên như trong sổ"} {
		if !strings.Contains(form02, word) {
			t.Errorf("Mẫu 02 does not say %q: %s", word, form02)
		}
	}
	page, address := w.goTo("/ho-so/"+id+"/bo-sung"), "/ho-so/"+id+"/bo-sung"
	w.seen("bo-sung", page)
	if half := w.press(page, address, entry{Set: url.Values{"bo-sung-1": {"Đang xin"}}, Button: "gui=1"}); half.Status != http.StatusUnprocessableEntity {
		t.Errorf("half an answer was sent: status %d", half.Status)
	}
	paper := paperJPEG(11, 400, 500)
	done := w.must(w.goTo(address), address, entry{Set: url.Values{"bo-sung-2": {"Tên đúng: Nguyễn Thị Hồng Mai"}},
		Files: map[string][]string{"tep-1": {put(t, t.TempDir(), "ủy quyền.jpg", paper)}}, Button: "gui=1"})
	w.mustSay(done, "Đã gửi bổ sung", "ủy quyền.jpg")
	links := done.links("/tep/")
	if len(links) == 0 || !bytes.Equal(w.file(links[len(links)-1]), paper) {
		t.Error("the supplied file does not come back")
	}
	desk.mustSay(desk.goTo("/can-bo/ho-so/"+id), "ủy quyền.jpg", "Tên đúng: Nguyễn Thị Hồng Mai")
	if again, err := desk.open("/can-bo/ho-so/" + id + "/bo-sung"); err != nil || again.Status != http.StatusConflict {
		t.Errorf("a second round can be asked for: %d, %v", again.Status, err)
	}
	desk.deed(id, "tiep-nhan", nil)
	desk.forward(id)
	signer := person(t, p, leader)
	bare := signer.press(signer.goTo("/can-bo/ho-so/"+id+"/quyet-dinh"), "/quyet-dinh", entry{Set: url.Values{"ket-qua": {"khong"}}})
	if bare.Status != http.StatusUnprocessableEntity {
		t.Errorf("a denial without a reason: status %d", bare.Status)
	}
	signer.deed(id, "quyet-dinh", url.Values{"ket-qua": {"khong"}, "ly-do": {"Không có trong sổ"}, "can-cu": {"Điều 63 Luật Hộ tịch"}})
	person(t, p, clerk).deed(id, "luu", nil)
	w.until("/ho-so/"+id, "Kết quả đã có tại quầy")
	desk.deed(id, "tra", url.Values{"nguoi-nhan": {"Nguyễn Thị Hồng Mai"}, "chung-cu": {"Ký sổ"}})
	w.mustSay(w.goTo("/ho-so/"+id), "Đã trả kết quả")
}

// refusal turns a dossier away with its legal reason: Mẫu 03.
func refusal(t *testing.T, p *program) {
	w := person(t, p, "phuc")
	d := w.fileIt(w.fill(w.start("2.000635", nil), answersOfCopy("online"), nil))
	desk := person(t, p, intake)
	if early := desk.press(desk.goTo("/can-bo/ho-so/"+d.id()+"/tiep-nhan"), "/tiep-nhan", entry{}); early.Status != http.StatusUnprocessableEntity {
		t.Errorf("received without its fee: status %d", early.Status)
	}
	bare := desk.press(desk.goTo("/can-bo/ho-so/"+d.id()+"/tu-choi"), "/tu-choi", entry{Set: url.Values{"ly-do": {"Không thuộc thẩm quyền"}}})
	if bare.Status != http.StatusUnprocessableEntity {
		t.Errorf("a refusal without its ground: status %d", bare.Status)
	}
	desk.deed(d.id(), "tu-choi", url.Values{"ly-do": {"Việc này không thuộc thẩm quyền của phường"}, "can-cu": {"Điều 63 Luật Hộ tịch"}})
	w.mustSay(w.goTo("/ho-so/"+d.id()), "Không được tiếp nhận", "không thuộc thẩm quyền")
	form03 := pdfText(t, w.file("/ho-so/"+d.id()+"/phieu-tu-choi.pdf"))
	if !strings.Contains(form03, "Điều 63 Luật Hộ tịch") || !strings.Contains(form03, code(d)) {
		t.Errorf("Mẫu 03 says: %s", form03)
	}
	p.lettersUntil(t, code(d), 2)
}

// withdrawal ends a dossier at its owner's wish; nobody can receive it any more.
func withdrawal(t *testing.T, p *program) {
	w, id, _ := filed(t, p, "hung", "online")
	w.must(w.goTo("/ho-so/"+id+"/rut"), "/rut", entry{Set: url.Values{"ly-do": {"Tìm thấy bản cũ"}}})
	w.mustSay(w.goTo("/ho-so/"+id), "Công dân yêu cầu rút hồ sơ")
	if p, err := person(t, p, intake).open("/can-bo/ho-so/" + id + "/tiep-nhan"); err != nil || p.Status != http.StatusConflict {
		t.Errorf("a withdrawn dossier can be received: %d, %v", p.Status, err)
	}
}

// through is the officers' part where nothing is out of the ordinary.
func through(t *testing.T, p *program, id string, receives, decides, keeps string) {
	t.Helper()
	desk := person(t, p, receives)
	desk.deed(id, "tiep-nhan", nil)
	desk.forward(id)
	person(t, p, decides).deed(id, "quyet-dinh", url.Values{"ket-qua": {"dong-y"}})
	person(t, p, keeps).deed(id, "luu", nil)
	desk.deed(id, "tra", nil)
}

// birth registers a child: free, prefilled, with a repeated group and conditional pages.
func birth(t *testing.T, p *program) {
	w := person(t, p, "mai")
	answers := url.Values{
		"contact_phone": {"0912345601"}, "relation": {"mother"}, "other_parent": {"other"}, "child_name": {"Trần Nguyễn An Nhiên"}, "child_sex": {"female"},
		"late_reason": {"Cháu nằm viện"}, "child_ethnicity": {"01"}, "child_nationality": {"VN"},
		"child_hometown.province": {"91"}, "child_hometown.commune": {"30307"},
		"birth_place_kind": {"home"}, "birth_place.province": {"91"}, "birth_place.commune": {"30307"}, "birth_paper": {"witness"},
		"father_declared": {"yes"}, "father_name": {"Trần Văn Phúc"}, "father_birth_date.day": {"2"}, "father_birth_date.month": {"11"}, "father_birth_date.year": {"1990"},
		"father_ethnicity": {"01"}, "father_nationality": {"VN"}, "father_residence.province": {"91"}, "father_residence.commune": {"30307"},
		"father_residence.detail": {"Số 12"}, "mother_ethnicity": {"01"}, "mother_nationality": {"VN"},
		"parents_married": {"yes"}, "marriage_date.day": {"1"}, "marriage_date.month": {"2"}, "marriage_date.year": {"2018"},
		"marriage_agency":          {"Ủy ban nhân dân phường Long Xuyên"},
		"witnesses.0.witness_name": {"Phạm Thị Chứng"}, "witnesses.0.witness_id": {"089170000555"},
		"witnesses.0.witness_address.province": {"91"}, "witnesses.0.witness_address.commune": {"30307"}, "witnesses.0.witness_address.detail": {"Tổ 5"},
		"witnesses.0.witness_is_kin": {"no"},
		"copies":                     {"0"}, "agency": {ward}, "return_by": {"online"},
	}
	born := time.Now().AddDate(0, 0, -100) // late: there is one more page
	answers.Set("child_birth_date.day", born.Format("2"))
	answers.Set("child_birth_date.month", born.Format("1"))
	answers.Set("child_birth_date.year", born.Format("2006"))
	paper := put(t, t.TempDir(), "người làm chứng.pdf", paperPDF(1, "Lam chung"))
	check := w.fill(w.start("1.001193", nil), answers, map[string][]string{"van_ban_nguoi_lam_chung": {paper}})
	w.mustSay(check, "Trần Nguyễn An Nhiên", "Phạm Thị Chứng", "Cháu nằm viện")
	d := w.fileIt(check)
	through(t, p, d.id(), intake, leader, clerk)
	d = w.goTo("/ho-so/" + d.id())
	w.mustSay(d, "Đã trả kết quả")
	if len(d.links("/ket-qua/")) == 0 {
		t.Error("there is no result")
	}
}

// promotion is a notice of a business by its head, to the department of the province.
func promotion(t *testing.T, p *program) {
	w := person(t, p, "lan")
	if none := w.press(w.goTo("/thu-tuc/2.000033/bat-dau"), "/ho-so", entry{}); none.Status != http.StatusUnprocessableEntity {
		t.Errorf("begun for no business: status %d", none.Status)
	}
	answers := promotionAnswers()
	rules := put(t, t.TempDir(), "thể lệ.pdf", paperPDF(3, "The le"))
	check := w.fill(w.start("2.000033", url.Values{"doanh-nghiep": {"1600199903"}}), answers, map[string][]string{"the_le_chuong_trinh": {rules}})
	w.mustSay(check, "SAO MAI MẪU", "1600199903", "5.000.000", "17 ngày")
	d := w.fileIt(check)
	through(t, p, d.id(), "cb-09", "cb-11", "cb-09")
	w.mustSay(w.goTo("/ho-so/"+d.id()), "Đã trả kết quả")
}
