package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"motcua/portal/agency"
)

// who is for whom an address is there.
type who int

const (
	anyone  who = iota
	person      // whoever is signed in: their own things
	owner       // of the thing named in the address
	worker      // who has any role at any agency
	officer     // who works with dossiers
	caseOf      // an officer of the dossier's agency
	maker       // an editor of forms
	keeper      // an administrator
	outside     // another system, known by its signature
)

// line is a route with an address of it, words in braces standing for things of Mai's.
type line struct {
	route   string
	who     who
	at      string
	status  int        // for whom it is there; 0 is 200
	changes string     // tables that a GET may change besides what was read
	fields  url.Values // of a form that would be taken
	parts   []part     // of a multipart one
}

// offers is every route there is.
var offers = []line{
	{route: "GET /", at: "/"},
	{route: "GET /robots.txt", at: "/robots.txt"},
	{route: "GET /sitemap.xml", at: "/sitemap.xml"},
	{route: "GET /thay-doi.atom", at: "/thay-doi.atom"},
	{route: "GET /du-lieu-mo", at: "/du-lieu-mo"},
	{route: "GET /du-lieu-mo/thu-tuc.json", at: "/du-lieu-mo/thu-tuc.json"},
	{route: "GET /du-lieu-mo/thu-tuc.csv", at: "/du-lieu-mo/thu-tuc.csv"},
	{route: "GET /healthz", at: "/healthz"},
	{route: "GET /readyz", at: "/readyz"},
	{route: "GET /api/v1/bieu-mau.schema.json", at: "/api/v1/bieu-mau.schema.json"},
	{route: "GET /thu-tuc", at: "/thu-tuc?q=khai+sinh"},
	{route: "GET /thu-tuc/goi-y", at: "/thu-tuc/goi-y?q=khai+sinh"},
	{route: "GET /thu-tuc/:code", at: "/thu-tuc/" + birth},
	{route: "GET /su-kien", at: "/su-kien"},
	{route: "GET /su-kien/:slug", at: "/su-kien/co-con-nho"},
	{route: "GET /huong-dan", at: "/huong-dan?q=anh"},
	{route: "GET /huong-dan/:slug", at: "/huong-dan/nop-ho-so-truc-tuyen"},
	{route: "GET /hoi-dap", at: "/hoi-dap"},
	{route: "GET /hoi-dap/:slug", at: "/hoi-dap/nop-thay-nguoi-khac"},
	{route: "GET /su-kien/:slug/gop-y", at: "/su-kien/co-con-nho/gop-y?tra-loi=co"},
	{route: "POST /su-kien/:slug/gop-y", at: "/su-kien/co-con-nho/gop-y", status: 303, fields: url.Values{"tra-loi": {"co"}}},
	{route: "GET /huong-dan/:slug/gop-y", at: "/huong-dan/nop-ho-so-truc-tuyen/gop-y?tra-loi=co"},
	{route: "POST /huong-dan/:slug/gop-y", at: "/huong-dan/nop-ho-so-truc-tuyen/gop-y", status: 303, fields: url.Values{"tra-loi": {"co"}}},
	{route: "GET /hoi-dap/:slug/gop-y", at: "/hoi-dap/nop-thay-nguoi-khac/gop-y?tra-loi=co"},
	{route: "POST /hoi-dap/:slug/gop-y", at: "/hoi-dap/nop-thay-nguoi-khac/gop-y", status: 303, fields: url.Values{"tra-loi": {"co"}}},
	{route: "GET /tin", at: "/tin"},
	{route: "GET /tin/:slug", at: "/tin/cong-mo-cua"},
	{route: "GET /tro-nang", at: "/tro-nang"},
	{route: "GET /bao-ve-du-lieu", at: "/bao-ve-du-lieu"},
	{route: "GET /dieu-khoan", at: "/dieu-khoan"},
	{route: "GET /style", at: "/style"},
	{route: "GET /thong-ke", at: "/thong-ke"},
	{route: "GET /tra-cuu", at: "/tra-cuu"},
	{route: "GET /xac-thuc", at: "/xac-thuc?ma=AAAAAAAAAAAA"},
	{route: "GET /dang-nhap", at: "/dang-nhap", status: 303, changes: "signins limits"},
	{route: "GET /dang-nhap/tra-ve", at: "/dang-nhap/tra-ve", status: 422},
	{route: "GET /dang-nhap/nang-muc", at: "/dang-nhap/nang-muc?tiep=/ho-so", status: 303, changes: "signins limits"},
	{route: "GET /dang-nhap/chua-du-muc", who: person, at: "/dang-nhap/chua-du-muc?tiep=/ho-so", status: 303}, // has the second level
	{route: "POST /dang-xuat", at: "/dang-xuat", status: 303},
	{route: "POST /tra-cuu", at: "/tra-cuu", status: 422, fields: url.Values{"ma": {"H01.15-261121-9999"}, "so": {"0000"}}},

	{route: "GET /thu-tuc/:code/bat-dau", who: person, at: "/thu-tuc/" + birth + "/bat-dau"},
	{route: "GET /ho-so/chua-luu", who: person, at: "/ho-so/chua-luu", status: 303},
	{route: "POST /ho-so/chua-luu", who: person, at: "/ho-so/chua-luu", status: 303, fields: url.Values{"trang": {"/ho-so/{draft}/buoc/1 x"}}},
	{route: "POST /thu-tuc/:code/ho-so", who: person, at: "/thu-tuc/" + birth + "/ho-so", status: 303},
	{route: "GET /ho-so", who: person, at: "/ho-so"},
	{route: "GET /tai-khoan/thong-bao", who: person, at: "/tai-khoan/thong-bao", changes: "seen_notices"},
	{route: "GET /tai-khoan", who: person, at: "/tai-khoan"},
	{route: "POST /tai-khoan", who: person, at: "/tai-khoan", status: 303, fields: url.Values{"dien-thoai": {"0912345678"}, "thu-dien-tu": {"a@example.vn"}}},
	{route: "POST /tai-khoan/con", who: person, at: "/tai-khoan/con", status: 303},
	{route: "GET /tai-khoan/vai", who: person, at: "/tai-khoan/vai?tiep=/ho-so"},
	{route: "POST /tai-khoan/vai", who: person, at: "/tai-khoan/vai", status: 303, fields: url.Values{"vai": {"self"}}},
	{route: "GET /tai-khoan/uy-quyen", who: person, at: "/tai-khoan/uy-quyen"},
	{route: "POST /tai-khoan/uy-quyen", who: person, at: "/tai-khoan/uy-quyen", status: 303, fields: url.Values{"lam": {"xin"}, "ho-ten": {"Ai đó"}, "so-dinh-danh": {"001099000001"}}},

	{route: "GET /ho-so/:id/bao-sai", who: owner, at: "/ho-so/{draft}/bao-sai"},
	{route: "POST /ho-so/:id/bao-sai", who: owner, at: "/ho-so/{draft}/bao-sai", status: 303, parts: []part{{Name: "nguon", Value: "{source}"}, {Name: "dung", Value: "Tên đúng là Mai"}, {Name: "chon", Value: "go_on"}, {Name: "tep", File: "a.pdf", Value: plainPDF}}},
	{route: "GET /tai-khoan/bao-sai", who: person, at: "/tai-khoan/bao-sai"},
	{route: "GET /tai-khoan/bao-sai/:report", who: owner, at: "/tai-khoan/bao-sai/{report}"},
	{route: "GET /tai-khoan/bao-sai/:report/tep", who: owner, at: "/tai-khoan/bao-sai/{report}/tep"},

	{route: "GET /tai-khoan/du-lieu", who: person, at: "/tai-khoan/du-lieu?thang=2026-11"},
	{route: "GET /tai-khoan/du-lieu/so-xem.csv", who: person, at: "/tai-khoan/du-lieu/so-xem.csv"},
	{route: "GET /tai-khoan/du-lieu/so-xem.json", who: person, at: "/tai-khoan/du-lieu/so-xem.json"},
	{route: "GET /tai-khoan/du-lieu/hoi", who: owner, at: "/tai-khoan/du-lieu/hoi?dong={look}"},
	{route: "POST /tai-khoan/du-lieu/hoi", who: owner, at: "/tai-khoan/du-lieu/hoi", status: 303, fields: url.Values{"dong": {"{look}"}, "dung": {"Vì sao?"}}},

	{route: "GET /tai-khoan/giay-to", who: person, at: "/tai-khoan/giay-to"},
	{route: "GET /tai-khoan/giay-to/:paper", who: owner, at: "/tai-khoan/giay-to/{paper}"},
	{route: "GET /tai-khoan/giay-to/:paper/tep/:no", who: owner, at: "/tai-khoan/giay-to/{paper}/tep/1"},
	{route: "POST /tai-khoan/giay-to/:paper/an", who: owner, at: "/tai-khoan/giay-to/{paper}/an", status: 303, fields: url.Values{"an": {"1"}}},
	{route: "POST /tai-khoan/giay-to/:paper/chia-se", who: owner, at: "/tai-khoan/giay-to/{paper}/chia-se", fields: url.Values{"thoi-han": {"1h"}}},
	{route: "POST /tai-khoan/giay-to/:paper/chia-se/:share/dung", who: owner, at: "/tai-khoan/giay-to/{paper}/chia-se/{share}/dung", status: 303},
	{route: "GET /giay-to", at: "/giay-to?ma=ABCDEFGHJK23"},
	{route: "POST /giay-to", at: "/giay-to", status: 422, fields: url.Values{"ma": {"ABCDEFGHJK23"}}},

	{route: "POST /tai-khoan/uy-quyen/:no", who: owner, at: "/tai-khoan/uy-quyen/{mandate}", status: 303, fields: url.Values{"lam": {"ket-thuc"}}},
	{route: "POST /tai-khoan/quyen/:no", who: owner, at: "/tai-khoan/quyen/{power}", status: 303, fields: url.Values{"lam": {"dong-y"}}},

	{route: "GET /ho-so/:id", who: owner, at: "/ho-so/{done}"},
	{route: "GET /ho-so/:id/buoc/:no", who: owner, at: "/ho-so/{draft}/buoc/1", changes: "drafts"},
	{route: "POST /ho-so/:id/buoc/:no", who: owner, at: "/ho-so/{draft}/buoc/1", status: 303, fields: url.Values{"sau": {"1"}}},
	{route: "GET /ho-so/:id/giay-to/:component", who: owner, at: "/ho-so/{draft}/giay-to/{component}"},
	{route: "POST /ho-so/:id/giay-to/:component", who: owner, at: "/ho-so/{draft}/giay-to/{component}", status: 303, fields: url.Values{"lam": {"xoay-trai"}, "tep": {"{draftfile}"}}},
	{route: "POST /ho-so/:id/giay-to/:component", who: owner, at: "/ho-so/{draft}/giay-to/{component}", status: 303, parts: []part{{Name: "tep", File: "a.pdf", Value: plainPDF}}},
	{route: "GET /ho-so/:id/giay-to/:component/:file", who: owner, at: "/ho-so/{draft}/giay-to/{component}/{draftfile}"},
	{route: "GET /ho-so/:id/chon-ban", who: owner, at: "/ho-so/{draft}/chon-ban", status: 303}, // nothing to choose
	{route: "POST /ho-so/:id/chon-ban", who: owner, at: "/ho-so/{draft}/chon-ban", status: 303},
	{route: "GET /ho-so/:id/thay-doi", who: owner, at: "/ho-so/{draft}/thay-doi", status: 303}, // nothing to see
	{route: "POST /ho-so/:id/thay-doi", who: owner, at: "/ho-so/{draft}/thay-doi", status: 303},
	{route: "GET /ho-so/:id/giay-to/:component/ban-ghep.pdf", who: owner, at: "/ho-so/{draft}/giay-to/{component}/ban-ghep.pdf"},
	{route: "GET /ho-so/:id/phan-viec", who: owner, at: "/ho-so/{draft}/phan-viec"},
	{route: "GET /ho-so/:id/khong-thuoc-dien", who: owner, at: "/ho-so/{draft}/khong-thuoc-dien", status: 303},
	{route: "GET /ho-so/:id/kiem-tra", who: owner, at: "/ho-so/{draft}/kiem-tra", changes: "drafts"},
	{route: "GET /ho-so/:id/lay-du-lieu", who: owner, at: "/ho-so/{draft}/lay-du-lieu", status: 303}, // nothing is left to agree to
	{route: "POST /tai-khoan/du-lieu/rut-dong-y", who: person, at: "/tai-khoan/du-lieu/rut-dong-y", status: 303, fields: url.Values{"nguon": {"land.own"}}},
	{route: "POST /ho-so/:id/lay-du-lieu", who: owner, at: "/ho-so/{draft}/lay-du-lieu", status: 303},
	{route: "POST /ho-so/:id/xoa", who: owner, at: "/ho-so/{draft}/xoa", status: 303},
	{route: "POST /ho-so/:id/khoi-phuc", who: owner, at: "/ho-so/{draft}/khoi-phuc", status: 303},
	{route: "POST /ho-so/:id/kiem-tra", who: owner, at: "/ho-so/{draft}/kiem-tra", status: 303, fields: url.Values{"cam-doan": {"1"}}},
	{route: "GET /ho-so/:id/phi", who: owner, at: "/ho-so/{due}/phi"},
	{route: "POST /ho-so/:id/phi", who: owner, at: "/ho-so/{due}/phi", status: 303, fields: url.Values{"cong": {"vnpay"}}},
	{route: "GET /bien-lai/:file", who: owner, at: "/bien-lai/{receipt}.pdf"},
	{route: "GET /ho-so/:id/tep/:file", who: owner, at: "/ho-so/{back}/tep/{attachment}"},
	{route: "GET /thu-tuc/:code/to-khai.pdf", at: "/thu-tuc/" + birth + "/to-khai.pdf"},
	{route: "GET /ho-so/:id/to-khai.pdf", who: owner, at: "/ho-so/{due}/to-khai.pdf"},
	{route: "GET /ho-so/:id/du-lieu.json", who: owner, at: "/ho-so/{due}/du-lieu.json"},
	{route: "GET /ho-so/:id/giay-xac-nhan-nop.pdf", who: owner, at: "/ho-so/{due}/giay-xac-nhan-nop.pdf"},
	{route: "GET /ho-so/:id/giay-tiep-nhan.pdf", who: owner, at: "/ho-so/{done}/giay-tiep-nhan.pdf"},
	{route: "GET /ho-so/:id/phieu-bo-sung.pdf", who: owner, at: "/ho-so/{back}/phieu-bo-sung.pdf"},
	{route: "GET /ho-so/:id/phieu-tu-choi.pdf", who: owner, at: "/ho-so/{refused}/phieu-tu-choi.pdf"},
	{route: "GET /ho-so/:id/ket-qua/:file", who: owner, at: "/ho-so/{done}/ket-qua/{result}.pdf"},
	{route: "GET /ho-so/:id/bo-sung", who: owner, at: "/ho-so/{back}/bo-sung"},
	{route: "GET /ho-so/:id/bo-sung/buoc/:no", who: owner, at: "/ho-so/{back}/bo-sung/buoc/{copypage}"},
	{route: "POST /ho-so/:id/bo-sung/buoc/:no", who: owner, at: "/ho-so/{back}/bo-sung/buoc/{copypage}", status: 303, fields: url.Values{"contact_phone": {"0912345677"}, "contact_email": {"mai@example.vn"}}},
	{route: "GET /ho-so/:id/lan-nop/:no", who: owner, at: "/ho-so/{back}/lan-nop/1"},
	{route: "GET /ho-so/:id/rut", who: owner, at: "/ho-so/{due}/rut"},
	{route: "GET /ho-so/:id/danh-gia", who: owner, at: "/ho-so/{done}/danh-gia"},
	{route: "POST /ho-so/:id/bo-sung", who: owner, at: "/ho-so/{back}/bo-sung", status: 303, parts: []part{{Name: "bo-sung-1", Value: "đây"}, {Name: "bo-sung-2", Value: "đây"}, {Name: "gui", Value: "1"}}},
	{route: "POST /ho-so/:id/danh-gia", who: owner, at: "/ho-so/{done}/danh-gia", status: 303, fields: url.Values{"muc": {"5"}}},
	{route: "POST /ho-so/:id/rut", who: owner, at: "/ho-so/{due}/rut", status: 303, fields: url.Values{"ly-do": {"đổi ý"}}},

	{route: "GET /doanh-nghiep", who: person, at: "/doanh-nghiep"},
	{route: "GET /doanh-nghiep/:tax/ho-so", who: owner, at: "/doanh-nghiep/{firm}/ho-so?xem=qua-han&ma=x"},
	{route: "GET /doanh-nghiep/:tax/ho-so.csv", who: owner, at: "/doanh-nghiep/{firm}/ho-so.csv"},
	{route: "GET /doanh-nghiep/:tax/ho-so.xlsx", who: owner, at: "/doanh-nghiep/{firm}/ho-so.xlsx"},
	{route: "GET /doanh-nghiep/:tax/nop-nhieu", who: owner, at: "/doanh-nghiep/{firm}/nop-nhieu"},
	{route: "GET /doanh-nghiep/:tax/nop-nhieu/:code", who: owner, at: "/doanh-nghiep/{firm}/nop-nhieu/2.000033"},
	{route: "GET /doanh-nghiep/:tax/nop-nhieu/:code/mau.xlsx", who: owner, at: "/doanh-nghiep/{firm}/nop-nhieu/2.000033/mau.xlsx"},
	{route: "GET /doanh-nghiep/:tax/nop-nhieu/:code/mau.csv", who: owner, at: "/doanh-nghiep/{firm}/nop-nhieu/2.000033/mau.csv"},
	{route: "POST /doanh-nghiep/:tax/nop-nhieu/:code", who: owner, at: "/doanh-nghiep/{firm}/nop-nhieu/2.000033", status: 303, parts: []part{{Name: "tep", File: "a.csv", Value: "dong;promotion_name\n1;A\n"}}},
	{route: "GET /doanh-nghiep/:tax/nop-nhieu/lo/:id", who: owner, at: "/doanh-nghiep/{firm}/nop-nhieu/lo/{batch}"},
	{route: "GET /doanh-nghiep/:tax/nop-nhieu/lo/:id/loi.xlsx", who: owner, at: "/doanh-nghiep/{firm}/nop-nhieu/lo/{batch}/loi.xlsx"},
	{route: "GET /doanh-nghiep/:tax/nop-nhieu/lo/:id/giay-to/:component", who: owner, at: "/doanh-nghiep/{firm}/nop-nhieu/lo/{batch}/giay-to/the_le_chuong_trinh"},
	{route: "POST /doanh-nghiep/:tax/nop-nhieu/lo/:id/giay-to/:component", who: owner, at: "/doanh-nghiep/{firm}/nop-nhieu/lo/{batch}/giay-to/the_le_chuong_trinh", status: 303, parts: []part{{Name: "dong", Value: "1"}, {Name: "tep", File: "a.pdf", Value: plainPDF}}},
	{route: "POST /doanh-nghiep/:tax/nop-nhieu/lo/:id", who: owner, at: "/doanh-nghiep/{firm}/nop-nhieu/lo/{batch}", status: 303, fields: url.Values{"lam": {"huy"}}},
	{route: "GET /doanh-nghiep/:tax/thanh-vien", who: owner, at: "/doanh-nghiep/{firm}/thanh-vien"},
	{route: "GET /doanh-nghiep/:tax/thanh-vien/moi", who: owner, at: "/doanh-nghiep/{firm}/thanh-vien/moi"},
	{route: "POST /doanh-nghiep/:tax/thanh-vien/moi", who: owner, at: "/doanh-nghiep/{firm}/thanh-vien/moi", status: 303, fields: url.Values{"so": {"089300000999"}, "ten": {"Người Mới"}, "nop": {"1"}}},
	{route: "GET /doanh-nghiep/:tax/thanh-vien/:power", who: owner, at: "/doanh-nghiep/{firm}/thanh-vien/{member}"},
	{route: "POST /doanh-nghiep/:tax/thanh-vien/:power", who: owner, at: "/doanh-nghiep/{firm}/thanh-vien/{member}", status: 303, fields: url.Values{"lam": {"thu-hoi"}}},

	{route: "GET /can-bo", who: worker, at: "/can-bo"},
	{route: "GET /can-bo/ho-so", who: officer, at: "/can-bo/ho-so?xem=cho&q=mai"},
	{route: "GET /can-bo/ho-so/:id", who: caseOf, at: "/can-bo/ho-so/{back}"},
	{route: "GET /can-bo/ho-so/:id/tep/:file", who: caseOf, at: "/can-bo/ho-so/{back}/tep/{attachment}"},
	{route: "GET /can-bo/ho-so/:id/ban-ghep/:filing/:component", who: caseOf, at: "/can-bo/ho-so/{back}/ban-ghep/1/{component}"},
	{route: "GET /can-bo/ho-so/:id/giay/:paper", who: caseOf, at: "/can-bo/ho-so/{done}/giay/{mau}.pdf"},
	{route: "GET /can-bo/ho-so/:id/to-khai.pdf", who: caseOf, at: "/can-bo/ho-so/{back}/to-khai.pdf"},
	{route: "GET /can-bo/ho-so/:id/cach-tinh", who: caseOf, at: "/can-bo/ho-so/{due}/cach-tinh"},
	{route: "GET /can-bo/ho-so/:id/:deed", who: caseOf, at: "/can-bo/ho-so/{due}/tu-choi"},
	{route: "POST /can-bo/ho-so/:id/doi-chieu", who: caseOf, at: "/can-bo/ho-so/{due}/doi-chieu", status: 303},
	{route: "POST /can-bo/ho-so/:id/:deed", who: caseOf, at: "/can-bo/ho-so/{due}/tu-choi", status: 303, fields: url.Values{"ban": {"{version}"}, "ly-do": {"sai"}, "can-cu": {"Điều 1"}}},

	{route: "GET /can-bo/bao-sai", who: officer, at: "/can-bo/bao-sai?q=BS-1"},
	{route: "GET /can-bo/bao-sai/:report", who: caseOf, at: "/can-bo/bao-sai/{report}"},
	{route: "GET /can-bo/bao-sai/:report/tep", who: caseOf, at: "/can-bo/bao-sai/{report}/tep"},
	{route: "POST /can-bo/bao-sai/:report/:lam", who: caseOf, at: "/can-bo/bao-sai/{report}/tra-loi", status: 303, fields: url.Values{"ban": {"1"}, "tra-loi": {"Đã sửa"}}},

	{route: "GET /can-bo/nop-thay", who: officer, at: "/can-bo/nop-thay"}, // all of these are at a counter
	{route: "POST /can-bo/nop-thay", who: officer, at: "/can-bo/nop-thay", status: 422, fields: url.Values{"so-dinh-danh": {"1"}, "giay": {"card"}, "thu-tuc": {extract}}},
	{route: "GET /can-bo/nop-thay/:id", who: caseOf, at: "/can-bo/nop-thay/{help}"},
	{route: "GET /can-bo/nop-thay/:id/to-khai.pdf", who: caseOf, at: "/can-bo/nop-thay/{help}/to-khai.pdf", status: 422},                     // not complete
	{route: "GET /can-bo/nop-thay/:id/giay-xac-nhan-nop.pdf", who: caseOf, at: "/can-bo/nop-thay/{help}/giay-xac-nhan-nop.pdf", status: 404}, // not filed
	{route: "POST /can-bo/nop-thay/:id/ma", who: caseOf, at: "/can-bo/nop-thay/{help}/ma", status: 422},
	{route: "POST /can-bo/nop-thay/:id/nop", who: caseOf, at: "/can-bo/nop-thay/{help}/nop", status: 422, fields: url.Values{"ma": {"123456"}, "cam-doan": {"1"}}},
	{route: "POST /can-bo/nop-thay/:id/ket-thuc", who: caseOf, at: "/can-bo/nop-thay/{help}/ket-thuc", status: 303},

	{route: "GET /can-bo/danh-muc", who: maker, at: "/can-bo/danh-muc?q=khai+sinh&tt=open&muc-do=4&thieu=en&linh-vuc=x&trang=2"},
	{route: "POST /can-bo/danh-muc", who: maker, at: "/can-bo/danh-muc", status: 303, fields: url.Values{"ma": {extract}}},
	{route: "GET /can-bo/danh-muc/:code", who: maker, at: "/can-bo/danh-muc/" + birth},
	{route: "GET /can-bo/danh-muc/:code/ban/:no", who: maker, at: "/can-bo/danh-muc/" + birth + "/ban/1"},
	{route: "GET /can-bo/danh-muc/sua/:id", who: maker, at: "/can-bo/danh-muc/sua/{sheet}"},
	{route: "GET /can-bo/danh-muc/sua/:id/xem", who: maker, at: "/can-bo/danh-muc/sua/{sheet}/xem"},
	{route: "GET /can-bo/danh-muc/sua/:id/xem/trang", who: maker, at: "/can-bo/danh-muc/sua/{sheet}/xem/trang?tieng=en"},
	{route: "GET /can-bo/danh-muc/sua/:id/:section", who: maker, at: "/can-bo/danh-muc/sua/{sheet}/phi"},
	{route: "POST /can-bo/danh-muc/sua/:id/:section", who: maker, at: "/can-bo/danh-muc/sua/{sheet}/chung", status: 303, fields: url.Values{"ban": {"1"}, "sheet/name.vi": {"Tên khác"}}},
	{route: "POST /can-bo/danh-muc/sua/:id/so-sanh", who: maker, at: "/can-bo/danh-muc/sua/{sheet}/so-sanh", status: 303, fields: url.Values{"ban": {"2"}, "lam": {"gui"}, "ghi-chu": {"thử"}}},
	{route: "POST /can-bo/danh-muc/sua/:id", who: maker, at: "/can-bo/danh-muc/sua/{sheet}", status: 303, fields: url.Values{"ban": {"2"}, "lam": {"hoan-tac"}}},
	{route: "GET /can-bo/bieu-mau", who: maker, at: "/can-bo/bieu-mau?q=khai+sinh"},
	{route: "POST /can-bo/bieu-mau", who: maker, at: "/can-bo/bieu-mau", status: 303, fields: url.Values{"ma": {extract}}},
	{route: "GET /can-bo/bieu-mau/:id", who: maker, at: "/can-bo/bieu-mau/{edit}"},
	{route: "GET /can-bo/bieu-mau/:id/them", who: maker, at: "/can-bo/bieu-mau/{edit}/them?o=/pages/0/questions"},
	{route: "GET /can-bo/bieu-mau/:id/muc", who: maker, at: "/can-bo/bieu-mau/{edit}/muc?o=/pages/0/questions/0"},
	{route: "GET /can-bo/bieu-mau/:id/dieu-kien", who: maker, at: "/can-bo/bieu-mau/{edit}/dieu-kien?o=/pages/0/show_if"},
	{route: "GET /can-bo/bieu-mau/:id/kiem-tra", who: maker, at: "/can-bo/bieu-mau/{edit}/kiem-tra"},
	{route: "GET /can-bo/bieu-mau/:id/lich-su", who: maker, at: "/can-bo/bieu-mau/{edit}/lich-su"},
	{route: "GET /can-bo/bieu-mau/:id/tep.json", who: maker, at: "/can-bo/bieu-mau/{edit}/tep.json"},
	{route: "GET /can-bo/bieu-mau/:id/cong-bo", who: maker, at: "/can-bo/bieu-mau/{edit}/cong-bo"},
	{route: "POST /can-bo/bieu-mau/:id", who: maker, at: "/can-bo/bieu-mau/{edit}", status: 303, fields: url.Values{"ban": {"1"}, "lam": {"xuong /pages/0"}}},
	{route: "POST /can-bo/bieu-mau/:id/them", who: maker, at: "/can-bo/bieu-mau/{edit}/them", status: 303, fields: url.Values{"ban": {"2"}, "o": {"/pages/0/questions"}, "loai": {"text"}, "nhan": {"Tên"}}},
	{route: "POST /can-bo/bieu-mau/:id/muc", who: maker, at: "/can-bo/bieu-mau/{edit}/muc", status: 303, fields: url.Values{"ban": {"3"}, "o": {"/pages/0"}, "title.vi": {"Trang"}}},
	{route: "POST /can-bo/bieu-mau/:id/dieu-kien", who: maker, at: "/can-bo/bieu-mau/{edit}/dieu-kien", status: 303, fields: url.Values{"ban": {"4"}, "o": {"/pages/0/show_if"}, "lam": {"json"}, "json": {"{\"==\":[1,1]}"}}},
	{route: "POST /can-bo/bieu-mau/:id/nhap", who: maker, at: "/can-bo/bieu-mau/{edit}/nhap", status: 303, parts: []part{{Name: "ban", Value: "5"}, {Name: "tep", File: "a.json", Value: "{}"}}},
	{route: "GET /can-bo/bieu-mau/:id/chay-thu", who: maker, at: "/can-bo/bieu-mau/{edit}/chay-thu"},
	{route: "POST /can-bo/bieu-mau/:id/chay-thu", who: maker, at: "/can-bo/bieu-mau/{edit}/chay-thu", status: 422, fields: url.Values{"_ngay": {"31/2/2026"}}},
	{route: "GET /can-bo/bieu-mau/:id/bai-chay", who: maker, at: "/can-bo/bieu-mau/{edit}/bai-chay"},
	{route: "POST /can-bo/bieu-mau/:id/bai-chay", who: maker, at: "/can-bo/bieu-mau/{edit}/bai-chay", status: 303, fields: url.Values{"lam": {"xoa in_time"}}},
	{route: "GET /can-bo/bieu-mau/:id/chuyen-doi", who: maker, at: "/can-bo/bieu-mau/{edit}/chuyen-doi"},
	{route: "POST /can-bo/bieu-mau/:id/chuyen-doi", who: maker, at: "/can-bo/bieu-mau/{edit}/chuyen-doi", status: 422, parts: []part{{Name: "ban", Value: "5"}, {Name: "nguon", Value: "formio"}, {Name: "tep", File: "a.json", Value: "{}"}}},
	{route: "POST /can-bo/bieu-mau/:id/cong-bo", who: maker, at: "/can-bo/bieu-mau/{edit}/cong-bo", status: 422, fields: url.Values{"ban": {"6"}, "ghi-chu": {"thử"}}},

	{route: "GET /can-giay-gi", at: "/can-giay-gi?q=khai+sinh"},
	{route: "GET /thu-tuc/:code/can-giay-gi", at: "/thu-tuc/" + birth + "/can-giay-gi"},
	{route: "GET /co-quan", at: "/co-quan?q=long+xuyen"},
	{route: "GET /co-quan/:code", at: "/co-quan/{ward}"},
	{route: "GET /co-quan/:code/dat-lich", at: "/co-quan/{ward}/dat-lich"},
	{route: "POST /co-quan/:code/dat-lich", at: "/co-quan/{ward}/dat-lich", status: 422, fields: url.Values{"gio": {"2026-01-01T08:00:00+07:00"}}},
	{route: "GET /lich-hen", at: "/lich-hen"},
	{route: "POST /lich-hen", at: "/lich-hen", status: 422, fields: url.Values{"ma": {"ABCDEFGHJK"}}},
	{route: "GET /lich-hen/:id", who: owner, at: "/lich-hen/{visit}"},
	{route: "GET /lich-hen/:id/lich.ics", who: owner, at: "/lich-hen/{visit}/lich.ics"},
	{route: "GET /lich-hen/:id/doi", who: owner, at: "/lich-hen/{visit}/doi"},
	{route: "POST /lich-hen/:id/doi", who: owner, at: "/lich-hen/{visit}/doi", status: 422, fields: url.Values{"gio": {"2026-01-01T08:00:00+07:00"}}},
	{route: "POST /lich-hen/:id/huy", who: owner, at: "/lich-hen/{visit}/huy", status: 303},
	{route: "GET /can-bo/lich-hen", who: officer, at: "/can-bo/lich-hen"},
	{route: "POST /can-bo/lich-hen/:id", who: caseOf, at: "/can-bo/lich-hen/{visit2}", status: 303, fields: url.Values{"lam": {"cancel"}, "ly-do": {"Quầy sửa chữa"}}},
	{route: "GET /can-bo/lich-hen/quay", who: maker, at: "/can-bo/lich-hen/quay"},
	{route: "GET /can-bo/lich-hen/quay/moi", who: maker, at: "/can-bo/lich-hen/quay/moi"},
	{route: "POST /can-bo/lich-hen/quay/moi", who: maker, at: "/can-bo/lich-hen/quay/moi", status: 422, fields: url.Values{"ten": {"Quầy 2"}}},
	{route: "GET /can-bo/lich-hen/quay/:no", who: maker, at: "/can-bo/lich-hen/quay/{desk}"},
	{route: "POST /can-bo/lich-hen/quay/:no", who: maker, at: "/can-bo/lich-hen/quay/{desk}", status: 422, fields: url.Values{"ten": {"Quầy 2"}}},

	{route: "GET /can-bo/danh-muc/danh-sach", who: maker, at: "/can-bo/danh-muc/danh-sach"},
	{route: "GET /can-bo/danh-muc/danh-sach/van-ban", who: maker, at: "/can-bo/danh-muc/danh-sach/van-ban?q=khac&xem=het"},
	{route: "GET /can-bo/danh-muc/danh-sach/van-ban/muc", who: maker, at: "/can-bo/danh-muc/danh-sach/van-ban/muc?ma=60/2014/QH13"},
	{route: "POST /can-bo/danh-muc/danh-sach/van-ban/muc", who: maker, at: "/can-bo/danh-muc/danh-sach/van-ban/muc", status: 422, fields: url.Values{"ma": {"?"}}},
	{route: "GET /can-bo/danh-muc/danh-sach/loai-giay-to", who: maker, at: "/can-bo/danh-muc/danh-sach/loai-giay-to?q=khac&xem=het"},
	{route: "GET /can-bo/danh-muc/danh-sach/loai-giay-to/muc", who: maker, at: "/can-bo/danh-muc/danh-sach/loai-giay-to/muc?ma=to_khai"},
	{route: "POST /can-bo/danh-muc/danh-sach/loai-giay-to/muc", who: maker, at: "/can-bo/danh-muc/danh-sach/loai-giay-to/muc", status: 422, fields: url.Values{"ma": {"?"}}},
	{route: "GET /can-bo/danh-muc/danh-sach/loai-ket-qua", who: maker, at: "/can-bo/danh-muc/danh-sach/loai-ket-qua?q=khac&xem=het"},
	{route: "GET /can-bo/danh-muc/danh-sach/loai-ket-qua/muc", who: maker, at: "/can-bo/danh-muc/danh-sach/loai-ket-qua/muc?ma=KQ.HT.KS"},
	{route: "POST /can-bo/danh-muc/danh-sach/loai-ket-qua/muc", who: maker, at: "/can-bo/danh-muc/danh-sach/loai-ket-qua/muc", status: 422, fields: url.Values{"ma": {"?"}}},
	{route: "GET /can-bo/danh-muc/sua/:id/kiem-tra", who: maker, at: "/can-bo/danh-muc/sua/{sheet}/kiem-tra"},
	{route: "GET /can-bo/danh-muc/danh-sach/co-quan", who: maker, at: "/can-bo/danh-muc/danh-sach/co-quan?q=tu+phap&xem=het"},
	{route: "GET /can-bo/danh-muc/danh-sach/co-quan/:id", who: maker, at: "/can-bo/danh-muc/danh-sach/co-quan/1"},
	{route: "POST /can-bo/danh-muc/danh-sach/co-quan/:id", who: maker, at: "/can-bo/danh-muc/danh-sach/co-quan/1", status: 422, fields: url.Values{"ten-vi": {"Ủy ban"}}},
	{route: "GET /can-bo/danh-muc/danh-sach/linh-vuc", who: maker, at: "/can-bo/danh-muc/danh-sach/linh-vuc?q=ho+tich"},
	{route: "GET /can-bo/danh-muc/danh-sach/linh-vuc/:code", who: maker, at: "/can-bo/danh-muc/danh-sach/linh-vuc/moi"},
	{route: "POST /can-bo/danh-muc/danh-sach/linh-vuc/:code", who: maker, at: "/can-bo/danh-muc/danh-sach/linh-vuc/moi", status: 422, fields: url.Values{"ma": {"Mã"}}},
	{route: "GET /can-bo/danh-muc/danh-sach/ngay-nghi", who: maker, at: "/can-bo/danh-muc/danh-sach/ngay-nghi?nam=2026"},
	{route: "POST /can-bo/danh-muc/danh-sach/ngay-nghi", who: maker, at: "/can-bo/danh-muc/danh-sach/ngay-nghi", status: 422, fields: url.Values{"ngay": {"31/2/2026"}}},
	{route: "GET /can-bo/danh-muc/danh-sach/don-vi", who: maker, at: "/can-bo/danh-muc/danh-sach/don-vi?q=thanh"},
	{route: "GET /can-bo/danh-muc/danh-sach/sap-xep", who: maker, at: "/can-bo/danh-muc/danh-sach/sap-xep"},
	{route: "POST /can-bo/danh-muc/danh-sach/sap-xep", who: maker, at: "/can-bo/danh-muc/danh-sach/sap-xep", status: 303},
	{route: "GET /can-bo/danh-muc/danh-sach/sap-xep/:id", who: maker, at: "/can-bo/danh-muc/danh-sach/sap-xep/{change}"},
	{route: "POST /can-bo/danh-muc/danh-sach/sap-xep/:id", who: maker, at: "/can-bo/danh-muc/danh-sach/sap-xep/{change}", status: 422, fields: url.Values{"ban": {"1"}, "lam": {"luu"}, "day": {"mai"}}},
	{route: "GET /can-bo/noi-dung", who: maker, at: "/can-bo/noi-dung?loai=hoi-dap&q=nop"},
	{route: "GET /can-bo/noi-dung/sua/:id", who: maker, at: "/can-bo/noi-dung/sua/{text}"},
	{route: "GET /can-bo/noi-dung/sua/:id/xem", who: maker, at: "/can-bo/noi-dung/sua/{text}/xem"},
	{route: "GET /can-bo/noi-dung/sua/:id/so-sanh", who: maker, at: "/can-bo/noi-dung/sua/{text}/so-sanh"},
	{route: "GET /can-bo/noi-dung/sua/:id/cong-bo", who: maker, at: "/can-bo/noi-dung/sua/{text}/cong-bo"},
	{route: "GET /can-bo/noi-dung/:loai/:slug", who: maker, at: "/can-bo/noi-dung/hoi-dap/nop-nham"},
	{route: "POST /can-bo/noi-dung", who: maker, at: "/can-bo/noi-dung", status: 303, fields: url.Values{"loai": {"tin"}, "ten": {"Tin mới"}}},
	{route: "POST /can-bo/noi-dung/sua/:id", who: maker, at: "/can-bo/noi-dung/sua/{text}", status: 303, fields: url.Values{"ban": {"1"}, "title-vi": {"Nộp nhầm?"}, "body-vi": {"Rút hồ sơ."}, "group": {"filing"}}},
	{route: "POST /can-bo/noi-dung/sua/:id/so-sanh", who: maker, at: "/can-bo/noi-dung/sua/{text}/so-sanh", status: 303, fields: url.Values{"ban": {"2"}, "lam": {"gop-y"}, "gop-y": {"Ngắn quá"}}},
	{route: "POST /can-bo/noi-dung/sua/:id/cong-bo", who: maker, at: "/can-bo/noi-dung/sua/{text}/cong-bo", status: 409, fields: url.Values{"ban": {"2"}, "ghi-chu": {"thử"}}},
	{route: "POST /can-bo/noi-dung/:loai/:slug", who: maker, at: "/can-bo/noi-dung/hoi-dap/nop-nham", status: 303, fields: url.Values{"lam": {"sua"}}},
	{route: "GET /can-bo/bieu-mau/:id/so-sanh", who: maker, at: "/can-bo/bieu-mau/{edit}/so-sanh"},
	{route: "POST /can-bo/bieu-mau/:id/so-sanh", who: maker, at: "/can-bo/bieu-mau/{edit}/so-sanh", status: 422, fields: url.Values{"ban": {"6"}, "lam": {"gop-y"}, "gop-y": {" "}}},
	{route: "GET /can-bo/danh-muc/duyet", who: maker, at: "/can-bo/danh-muc/duyet"},
	{route: "POST /can-bo/danh-muc/duyet", who: maker, at: "/can-bo/danh-muc/duyet", status: 422, fields: url.Values{"ban-cong-bo": {"1"}, "ly-do": {" "}}},
	{route: "GET /can-bo/danh-muc/sua/:id/so-sanh", who: maker, at: "/can-bo/danh-muc/sua/{sheet}/so-sanh"},
	{route: "GET /can-bo/danh-muc/sua/:id/cong-bo", who: maker, at: "/can-bo/danh-muc/sua/{sheet}/cong-bo"},
	{route: "POST /can-bo/danh-muc/sua/:id/cong-bo", who: maker, at: "/can-bo/danh-muc/sua/{sheet}/cong-bo", status: 422, fields: url.Values{"ban": {"1"}, "ghi-chu": {" "}}},
	{route: "GET /can-bo/danh-muc/loat/:id", who: maker, at: "/can-bo/danh-muc/loat/{bulk}"},
	{route: "POST /can-bo/danh-muc/loat/:id", who: maker, at: "/can-bo/danh-muc/loat/{bulk}", status: 422, fields: url.Values{"ban": {"1"}, "lam": {"gop-y"}, "gop-y": {" "}}},
	{route: "GET /can-bo/danh-muc/loat/:id/cong-bo", who: maker, at: "/can-bo/danh-muc/loat/{bulk}/cong-bo"},
	{route: "POST /can-bo/danh-muc/loat/:id/cong-bo", who: maker, at: "/can-bo/danh-muc/loat/{bulk}/cong-bo", status: 422, fields: url.Values{"ban": {"1"}, "ghi-chu": {" "}}},
	{route: "GET /can-bo/danh-muc/nhap", who: maker, at: "/can-bo/danh-muc/nhap"},
	{route: "POST /can-bo/danh-muc/nhap", who: maker, at: "/can-bo/danh-muc/nhap", status: 303, parts: []part{{Name: "tep", File: "a.csv", Value: "MaTTHC,TENTTHC\n9.999998,A\n"}}},
	{route: "GET /can-bo/danh-muc/nhap/:id", who: maker, at: "/can-bo/danh-muc/nhap/{upload}"},
	{route: "POST /can-bo/danh-muc/nhap/:id", who: maker, at: "/can-bo/danh-muc/nhap/{upload}", status: 303, fields: url.Values{"lam": {"giu"}, "gom": {"mot-phan"}}},
	{route: "GET /can-bo/danh-muc/nhap/:id/bao-cao.csv", who: maker, at: "/can-bo/danh-muc/nhap/{upload}/bao-cao.csv"},
	{route: "GET /can-bo/danh-muc/xuat.:format", who: maker, at: "/can-bo/danh-muc/xuat.csv"},
	{route: "GET /can-bo/danh-muc/doi-chieu/:id", who: maker, at: "/can-bo/danh-muc/doi-chieu/{kept}?tt=missing&q=a", changes: "national_rows"},
	{route: "POST /can-bo/danh-muc/doi-chieu/:id", who: maker, at: "/can-bo/danh-muc/doi-chieu/{kept}", status: 422, fields: url.Values{"lam": {"chon"}}},
	{route: "GET /can-bo/danh-muc/doi-chieu/:id/:code", who: maker, at: "/can-bo/danh-muc/doi-chieu/{kept}/" + birth},
	{route: "GET /can-bo/danh-muc/hang-loat", who: maker, at: "/can-bo/danh-muc/hang-loat?loai=chu&tu=khai+sinh&thanh=x"},
	{route: "POST /can-bo/danh-muc/hang-loat", who: maker, at: "/can-bo/danh-muc/hang-loat", status: 422, fields: url.Values{"loai": {"chu"}, "tu": {"kh"}}},

	{route: "GET /can-bo/ket-noi", who: keeper, at: "/can-bo/ket-noi"},
	{route: "POST /can-bo/ket-noi", who: keeper, at: "/can-bo/ket-noi", status: 422, fields: url.Values{"so": {"population"}, "den": {"mai"}, "ly-do": {"Bảo trì"}}},

	{route: "GET /thanh-toan/vnpay/ipn", who: outside, at: "/thanh-toan/vnpay/ipn?vnp_TxnRef=1"},
	{route: "GET /thanh-toan/vnpay/ket-qua", who: anyone, at: "/thanh-toan/vnpay/ket-qua", status: 422},
}

func (l line) method() string { m, _, _ := strings.Cut(l.route, " "); return m }

// personal says whether the route shows or changes what belongs to somebody.
func (l line) personal() bool {
	return l.who == person || l.who == owner || l.who == worker || l.who == officer || l.who == caseOf || l.who == maker || l.who == keeper
}

// request is what the browser would send to take the line's offer, with its words put in.
func (l line) request(b *browser, words *strings.Replacer) *http.Request {
	at := words.Replace(l.at)
	switch {
	case l.method() == "GET":
		return request("GET", at, nil)
	case l.parts != nil:
		return multipartOf(at, append([]part{{Name: "_csrf", Value: b.csrf()}, {Name: "_key", Value: uuid.NewString()}}, l.pieces(words)...))
	}
	return postOf(at, b.sealed(l.filled(words)))
}

// pieces are the line's parts with their words filled in.
func (l line) pieces(words *strings.Replacer) []part {
	all := slices.Clone(l.parts)
	for i := range all {
		if all[i].File == "" {
			all[i].Value = words.Replace(all[i].Value)
		}
	}
	return all
}

func (l line) filled(words *strings.Replacer) url.Values {
	v := url.Values{}
	for name, values := range l.fields {
		for _, value := range values {
			v.Add(name, words.Replace(value))
		}
	}
	return v
}

// crowd is everybody who may knock.
type crowd struct {
	nobody, mai, phuc                     *browser
	intake, elsewhere, department, editor *browser
	admin                                 *browser // knocks only where nobody else may
	words                                 *strings.Replacer
	ward                                  counter
}

func (h *house) crowd() crowd {
	h.t.Helper()
	c := crowd{nobody: h.visitor(), mai: h.signedIn("mai"), phuc: h.signedIn("phuc"), ward: h.staffOf(h.isWard),
		elsewhere: h.signedIn(h.officerAt(agency.Intake, h.isElsewhere)), department: h.signedIn(h.officerAt(agency.Intake, isDepartment)),
		editor: h.signedIn(h.onlyEditor()), admin: h.signedIn(h.administrator())}
	c.intake = c.ward[agency.Intake]
	c.words = h.scene(c.mai, c.ward)
	return c
}

// all are the signed-in ones by name.
func (c crowd) all() map[string]*browser {
	return map[string]*browser{"owner": c.mai, "another": c.phuc, "officer": c.intake, "officer elsewhere": c.elsewhere, "department": c.department, "editor": c.editor}
}

// before are those who knock at a line's address.
func (c crowd) before(l line) map[string]*browser {
	all := c.all()
	if l.who == keeper {
		all["administrator"] = c.admin
	}
	return all
}

// holder is whom a line's form is for.
func (c crowd) holder(l line) *browser {
	switch l.who {
	case caseOf, officer:
		return c.intake
	case maker:
		return c.editor
	case keeper:
		return c.admin
	}
	return c.mai
}

// may says what the matrix says: who is let in where.
func (c crowd) may(b *browser, l line) bool {
	switch l.who {
	case owner:
		return b == c.mai
	case worker:
		return b != c.mai && b != c.phuc
	case officer:
		return b == c.intake || b == c.elsewhere || b == c.department
	case caseOf:
		return b == c.intake
	case maker:
		return b == c.editor
	case keeper:
		return b == c.admin
	}
	return true
}
