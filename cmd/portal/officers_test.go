package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// notYet is what may not happen to a dossier that has just been filed.
func notYet(w walker, id string) {
	w.Helper()
	desk := w.as(intake)
	for _, word := range []string{"chuyen", "quyet-dinh", "luu", "tra"} {
		if p, err := desk.open("/can-bo/ho-so/" + id + "/" + word); err != nil || p.Status != http.StatusConflict {
			w.Errorf("%s of a dossier that nobody has received: %d, %v", word, p.Status, err)
		}
	}
	theirs := desk.goTo("/can-bo/ho-so/" + id + "/tiep-nhan")
	if p := w.as(processor).press(theirs, "/tiep-nhan", entry{}); p.Status != http.StatusForbidden {
		w.Errorf("a form of somebody else's session: status %d", p.Status)
	}
}

// officersPart is received, forwarded, decided, archived and returned, each by whose it is.
func officersPart(w walker, id, code string) {
	w.Helper()
	desk := w.as(intake)
	today := desk.goTo("/can-bo")
	desk.seen("can-bo", today)
	desk.mustSay(today, code)
	inbox := desk.goTo("/can-bo/ho-so?q=" + code)
	desk.seen("can-bo-ho-so", inbox)
	desk.mustSay(inbox, code, "Nguyễn Thị Hồng Mai")
	file := desk.goTo("/can-bo/ho-so/" + id)
	desk.seen("can-bo-mot-ho-so", file)
	desk.mustSay(file, "Khai sinh – bản sao Giấy khai sinh", "24.000", "giay khai sinh cũ.pdf", "01-giay-to-lien-quan.pdf")
	if got := desk.file(file.links("/tep/")[0]); len(got) == 0 {
		w.Error("the officer's viewer shows nothing")
	}
	counting := desk.goTo("/can-bo/ho-so/" + id + "/cach-tinh")
	desk.seen("can-bo-cach-tinh", counting)
	desk.mustSay(counting, "Trả kết quả")

	desk.deed(id, "tiep-nhan", nil)
	w.mustSay(w.goTo("/ho-so/"+id), "Được tiếp nhận", "Hẹn trả")
	desk.forward(id)
	signer := w.as(leader)
	signer.deed(id, "quyet-dinh", url.Values{"ket-qua": {"dong-y"}})
	if len(w.goTo("/ho-so/"+id).links("/ket-qua/")) > 0 {
		w.Error("the result is shown before it is returned")
	}
	w.as(clerk).deed(id, "luu", nil)
	desk.deed(id, "tra", nil)
	d := w.goTo("/ho-so/" + id)
	w.seen("da-tra", d)
	w.mustSay(d, "Đã trả kết quả")
	if len(d.links("/ket-qua/")) == 0 {
		w.Error("there is no result")
	}
}

// carried follows the parcel to the door, and the dossier without signing in.
func carried(p *program, w walker, id, code string) {
	w.Helper()
	waitForParcel(w.T, p, code)
	for range 6 { // to the door; what is past the end changes nothing
		p.tell(w.T, "post", "/_sandbox/advance", map[string]string{"Number": code})
	}
	w.seen("da-phat", w.until("/ho-so/"+id, "Bưu chính đã phát kết quả đến người nhận"))

	anyone := w.as("")
	number := p.Facts.number("mai")
	form := anyone.goTo("/tra-cuu?ma=" + code)
	anyone.seen("tra-cuu", form)
	found := anyone.must(form, "/tra-cuu", entry{Set: url.Values{"ma": {code}, "so": {number[len(number)-4:]}}})
	anyone.seen("tra-cuu-thay", found)
	anyone.mustSay(found, "Đã trả kết quả")
	if strings.Contains(found.says(), "Hồng Mai") {
		w.Error("tracking tells the owner's name")
	}
}

// waitForParcel waits until the carrier has the order.
func waitForParcel(t *testing.T, p *program, code string) {
	t.Helper()
	for range 200 {
		if strings.Contains(string(p.look(t, "post", "/_sandbox/parcels")), code) {
			return
		}
		pause()
	}
	t.Fatalf("the carrier never got the parcel of %s", code)
}
