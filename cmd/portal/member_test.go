package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

const (
	starFirm  = "1600199903" // that Lan represents
	starName  = "SAO MAI MẪU"
	promoCode = "2.000033"
)

// TestMemberInBrowser is a member who files for a shop within the power given, is refused
// outside it, and sees nothing more once it is taken away: on a desktop, on a phone without
// JavaScript.
func TestMemberInBrowser(t *testing.T) {
	t.Parallel()
	chrome := startChromium(t)
	p := newDemo(t)
	dir := t.ArtifactDir()
	for _, s := range []screen{
		{Name: "desktop", Width: 1280, Height: 900},
		{Name: "phone-no-script", Width: 360, Height: 740, Phone: true, NoScript: true},
	} {
		t.Run(s.Name, func(t *testing.T) {
			open := func(sub string) walker {
				b := s.tab(t, chrome, p.Facts.Portal)
				w := walker{t, b, func(name string, _ page) { b.look(t, dir, name) }, nil}
				w.signIn(sub)
				return w
			}
			memberJourney(t, p, open)
		})
	}
	verified(t, p)
}

func memberJourney(t *testing.T, p *program, open func(sub string) walker) {
	lan, mai := open("lan"), open("mai")
	members := "/doanh-nghiep/" + starFirm + "/thanh-vien"
	form := lan.goTo(members + "/moi")
	lan.seen("moi-thanh-vien", form)
	lan.must(form, members+"/moi", entry{Set: url.Values{"so": {p.Facts.number("mai")}, "ten": {"Mai kế toán"}, "thu-tuc": {promoCode}, "nop": {"1"}}})

	// accepted by the member in her own account
	mai.mustSay(mai.goTo("/ho-so"), "chờ trả lời")
	waiting := mai.goTo("/tai-khoan/uy-quyen")
	mai.seen("loi-moi", waiting)
	mai.mustSay(waiting, starName, "Chờ chấp nhận", "xem, nộp")
	accepted := mai.must(waiting, action(t, waiting, "/tai-khoan/quyen/"), entry{Button: "lam=dong-y"})
	mai.mustSay(accepted, "Đang có hiệu lực", "chấp nhận làm thay")

	check := mai.fill(mai.start(promoCode, url.Values{"doanh-nghiep": {starFirm}}), promotionAnswers(), map[string][]string{
		"the_le_chuong_trinh": {put(t, t.TempDir(), "thể lệ.pdf", paperPDF(3, "The le"))}})
	if hat := header(check); !strings.Contains(hat, "Hồ sơ của") || !strings.Contains(hat, starName) {
		t.Errorf("the check page's header says %q", hat)
	}
	mai.seen("kiem-tra-thanh-vien", check)
	d := mai.fileIt(check)
	mai.mustSay(d, starName, "theo quyền số")
	mine := mai.goTo("/ho-so")
	mai.seen("ho-so-doanh-nghiep", mine)
	mai.mustSay(mine, starName, code(d))
	if hat := header(mine); !strings.Contains(hat, "Đang làm việc với tư cách") || !strings.Contains(hat, starName) {
		t.Errorf("the list's header says %q", hat)
	}

	// outside the power: another procedure
	other := mai.goTo("/thu-tuc/2.002288/bat-dau")
	if strings.Contains(other.says(), starName) {
		t.Error("a procedure outside the power is offered for the business")
	}
	lan.mustSay(lan.goTo("/ho-so/"+d.id()), "Mai", "theo quyền số")

	// switching asks nothing again
	hats := mai.goTo("/tai-khoan/vai")
	mai.seen("doi-vai", hats)
	own := mai.must(hats, "/tai-khoan/vai", entry{Set: url.Values{"vai": {"self"}}})
	if !own.at("/ho-so") {
		t.Errorf("changing leads to %s", own.URL)
	}

	link := lan.goTo(members).links(members + "/")
	power := ""
	for _, l := range link {
		if last := l[strings.LastIndex(l, "/")+1:]; last != "moi" {
			power = l
			break
		}
	}
	done := lan.must(lan.goTo(power), power, entry{Button: "lam=thu-hoi"})
	lan.mustSay(done, "Mai")
	for _, path := range []string{"", "/phi", "/du-lieu.json", "/giay-xac-nhan-nop.pdf", "/to-khai.pdf", "/rut", "/bo-sung"} {
		gone, err := mai.open("/ho-so/" + d.id() + path)
		if err == nil && gone.Status != http.StatusNotFound && !strings.Contains(gone.says(), "Không tìm thấy") {
			t.Errorf("%s after revocation: %d %s", path, gone.Status, gone.says())
		}
	}
	after := mai.goTo("/ho-so")
	if strings.Contains(after.says(), code(d)) || strings.Contains(after.says(), starName) {
		t.Errorf("the list still has it: %s", after.says())
	}
	if told := mai.goTo("/tai-khoan/thong-bao").says(); strings.Contains(told, code(d)) {
		t.Errorf("notices still have it: %s", told)
	}
	mai.mustSay(mai.goTo("/tai-khoan/uy-quyen"), "Đã thu hồi")
	lan.mustSay(lan.goTo("/ho-so/"+d.id()), code(d))
}

// header is what a page says about as whom one acts.
func header(p page) string {
	for _, n := range all(p.root, func(n *html.Node) bool { return attr(n, "class") == "hat" }) {
		return text(n)
	}
	return ""
}

// action is the address of the first form of a page under a path.
func action(t *testing.T, p page, under string) string {
	t.Helper()
	for _, n := range all(p.root, func(n *html.Node) bool { return n.Data == "form" }) {
		if at := attr(n, "action"); strings.HasPrefix(at, under) {
			return at
		}
	}
	t.Fatalf("%s has no form under %s: %s", p.URL, under, p.says())
	return ""
}

func promotionAnswers() url.Values {
	return url.Values{
		"business_phone": {"02963123456"}, "contact_phone": {"0912345603"}, "promotion_name": {"Mừng năm mới"}, "promotion_forms": {"gifts", "discount"},
		"promotion_from": {time.Now().AddDate(0, 0, 20).Format("2/1/2006")}, "promotion_to": {time.Now().AddDate(0, 0, 36).Format("2/1/2006")}, "promotion_area": {"Toàn tỉnh"},
		"goods": {"Cá khô các loại"}, "goods_quantity": {"1.000 hộp"}, "customers": {"Mọi người mua"},
		"prizes.0.prize_name": {"Hộp quà"}, "prizes.0.prize_quantity": {"100"}, "prizes.0.prize_value": {"50.000"},
		"promotion_details": {"Mua hai hộp tặng một hộp quà."}, "agency": {"H01.02"}, "return_by": {"online"},
	}
}
