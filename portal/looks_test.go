package portal

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"motcua/portal/agency"
)

// Whatever an officer opens of a dossier is written down under its owner before it is sent,
// and the owner reads it; who is turned away has seen nothing.
func TestEveryLookOfAnOfficerIsOnRecord(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	looks := func() (n int) {
		h.must(h.DB.Get(&n, `SELECT count(*) FROM audit WHERE subject = $1 AND deed LIKE '%.see'`, c.mai.session().IDHash))
		return n
	}
	tried := 0
	for _, l := range offers {
		if l.who != caseOf || l.method() != "GET" || strings.HasPrefix(l.route, "GET /can-bo/nop-thay/:id") {
			continue // of somebody else than Mai: help_test.go
		}
		before := looks()
		if r := c.elsewhere.do(l.request(c.elsewhere, c.words)); r.Status != 404 || looks() != before {
			t.Errorf("%s from elsewhere: %d, written down %d times", l.route, r.Status, looks()-before)
		}
		if r := c.intake.do(l.request(c.intake, c.words)); r.Status != 200 || looks() == before {
			t.Errorf("%s: %d, not written down", l.route, r.Status)
		}
		tried++
	}
	page := c.mai.get("/tai-khoan/du-lieu").text()
	for _, want := range []string{"Nội dung hồ sơ", "Tệp đính kèm", "Văn bản của hồ sơ", "Tờ khai đã nộp", "Báo sai hoặc câu hỏi", "Hỏi cơ quan", "/tai-khoan/du-lieu/hoi?dong="} {
		if !strings.Contains(page, want) {
			t.Errorf("the owner's page lacks %q", want)
		}
	}
	if strings.Contains(page, c.intake.officer().Name) {
		t.Error("the page names the officer, not the agency")
	}
	if other := c.phuc.get("/tai-khoan/du-lieu").text(); strings.Contains(other, "Tệp đính kèm") {
		t.Error("another person reads it too")
	}
	t.Logf("%d pages", tried)
}

// The export says what the page says, by month too, and nothing of it is a formula.
func TestExportOfLooks(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	c.intake.get("/can-bo/ho-so/" + c.words.Replace("{back}"))
	var all []struct{ At, By, What, For, Dossier, Outcome string }
	if err := json.Unmarshal(c.mai.get("/tai-khoan/du-lieu/so-xem.json").Body, &all); err != nil || len(all) == 0 {
		t.Fatalf("%d looks, %v", len(all), err)
	}
	if all[0].Dossier == "" || all[0].By == "" || all[0].What != "Nội dung hồ sơ" {
		t.Errorf("%+v", all[0])
	}
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(c.mai.get("/tai-khoan/du-lieu/so-xem.csv?lang=en").text(), "\uFEFF"))).ReadAll()
	if err != nil || len(table) != len(all)+1 || table[0][0] != "When" {
		t.Fatalf("%d lines, %v", len(table), err)
	}
	for _, line := range table {
		for _, cell := range line {
			if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "@") {
				t.Errorf("a formula: %s", cell)
			}
		}
	}
	for at, want := range map[string]bool{"?thang=2001-01": false, "?thang=" + all[0].At[:7]: true, "?thang=x": true, "?sau=1-1": false, "?sau=%27": true} {
		if r := c.mai.get("/tai-khoan/du-lieu" + at); r.Status != 200 || strings.Contains(r.text(), "hoi?dong=") != want {
			t.Errorf("%s: %d, shows looks: %v", at, r.Status, !want)
		}
	}
}

// A question about a look goes to the agency in whose name it was, and comes back answered.
func TestQuestionAboutALook(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	c.intake.get("/can-bo/ho-so/" + c.words.Replace("{back}"))
	_, after, _ := strings.Cut(c.mai.get("/tai-khoan/du-lieu").text(), "hoi?dong=")
	at, _, _ := strings.Cut(after, `"`)
	if r := c.phuc.get("/tai-khoan/du-lieu/hoi?dong=" + at); r.Status != 404 {
		t.Errorf("another person asks about it: %d", r.Status)
	}
	if r := c.mai.post("/tai-khoan/du-lieu/hoi", url.Values{"dong": {at}, "dung": {" "}}); r.Status != 422 {
		t.Errorf("no question: %d", r.Status)
	}
	r := c.mai.post("/tai-khoan/du-lieu/hoi", url.Values{"dong": {at}, "dung": {"Vì sao xem hồ sơ của tôi?"}})
	own, _, _ := strings.Cut(r.Header.Get("Location"), "?")
	id := own[strings.LastIndex(own, "/")+1:]
	queue := "/can-bo/bao-sai/" + id
	if got := c.ward[agency.Leader].get(queue); got.Status != 200 || !strings.Contains(got.text(), "Vì sao xem hồ sơ của tôi?") {
		t.Fatalf("the agency's page: %d", got.Status)
	}
	if got := c.ward[agency.Leader].post(queue+"/tra-loi", url.Values{"ban": {"1"}, "tra-loi": {""}}); got.Status != 422 {
		t.Errorf("an empty answer: %d", got.Status)
	}
	if got := c.ward[agency.Leader].post(queue+"/tra-loi", url.Values{"ban": {"1"}, "tra-loi": {"Để tiếp nhận hồ sơ."}}); got.Status != 303 {
		t.Fatalf("the answer: %d", got.Status)
	}
	if got := c.mai.get(own).text(); !strings.Contains(got, "Để tiếp nhận hồ sơ.") || !strings.Contains(got, "Đã trả lời") {
		t.Error("the answer is not on the person's page")
	}
}
