package registry

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// words are values as registers have them, with letters that come in two forms and a few
// that may not come at all.
func words() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[A-ZĐƯƠ][a-zăâêôơư]{0,6}( [A-ZĐƯƠ][a-zăâêôơư]{0,6}){0,3}`),
		rapid.SampledFrom([]string{"", "01", "1", "2", "VN", "001099000001", "001190000011", "19990131", "1955", "Nguye\u0302\u0303n", "  A  B ", "CON", "KHONG"}),
		rapid.SampledFrom([]string{"<b>", "a>b", "A\u202eB", "A\x01", "\ufffd", strings.Repeat("Ă", longestValue+1)}),
	)
}

var recordNames = []string{"SoDinhDanh", "SoCMND", "HoVaTen", "GioiTinh", "DanToc", "TinhTrangHonNhan", "NgayThangNamSinh", "QuocTich", "QueQuan", "ThuongTru", "NoiOHienTai",
	"Cha", "Me", "VoChong", "ChuHo", "SoSoHoKhau", "Ho", "ChuDem", "Ten", "Nam", "NgayThangNam", "MaTinhThanh", "MaPhuongXa", "ChiTiet", "QuocGia", "QuanHe", "TenTinhThanh", "TenPhuongXa"}

// trees are elements with either a text or elements in them, at most a few levels deep.
func trees(depth int) *rapid.Generator[*node] {
	return rapid.Custom(func(t *rapid.T) *node {
		n := &node{name: rapid.SampledFrom(recordNames).Draw(t, "name")}
		if depth == 0 || rapid.Bool().Draw(t, "leaf") {
			n.text = words().Draw(t, "text")
			return n
		}
		n.kids = rapid.SliceOfN(trees(depth-1), 1, 4).Draw(t, "kids")
		return n
	})
}

// writeXML and writeJSON are one tree in the two ways in which registers send it.
func writeXML(b *strings.Builder, n *node) {
	b.WriteString("<" + n.name + ">")
	_ = xml.EscapeText(b, []byte(n.text))
	for _, k := range n.kids {
		writeXML(b, k)
	}
	b.WriteString("</" + n.name + ">")
}

func jsonOf(n *node) any {
	if len(n.kids) == 0 {
		return n.text
	}
	byName := map[string][]any{}
	for _, k := range n.kids {
		name := strings.ToLower(k.name[:1]) + k.name[1:]
		byName[name] = append(byName[name], jsonOf(k))
	}
	whole := map[string]any{}
	for name, all := range byName {
		if whole[name] = all; len(all) == 1 {
			whole[name] = all[0]
		}
	}
	return whole
}

// bothWays reads a record as each platform would send it.
func bothWays(t *rapid.T, record *node) (national, province Citizen, errN, errP error) {
	const number = "001099000001"
	var b strings.Builder
	writeXML(&b, record)
	body, errN := readBody([]byte(soap(`<CongdanCollection>` + b.String() + `</CongdanCollection>`)))
	if errN == nil {
		national, errN = citizenIn(body, number)
	}
	wrapped, err := json.Marshal(map[string]any{"body": map[string]any{"congdanCollection": map[string]any{"congDan": jsonOf(record)}}})
	if err != nil {
		t.Fatal(err)
	}
	body, errP = readWrapped(wrapped)
	if errP == nil {
		province, errP = citizenIn(body, number)
	}
	return national, province, errN, errP
}

// TestBothPlatformsSayTheSame: whatever a record holds, the XML of it and the JSON of it
// are read alike, and nothing is read from it but bare words about the number asked for.
func TestBothPlatformsSayTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		record := &node{name: "CongDan", kids: []*node{{name: "SoDinhDanh", text: "001099000001"}}}
		if rapid.Bool().Draw(t, "named") {
			record.kids = append(record.kids, &node{name: "HoVaTen", text: "A"})
		}
		record.kids = append(record.kids, rapid.SliceOfN(trees(2), 0, 8).Draw(t, "kids")...)
		national, province, errN, errP := bothWays(t, record)
		if national != province || kind(errN) != kind(errP) {
			t.Fatalf("%+v (%v)\n%+v (%v)", national, errN, province, errP)
		}
		if errN == nil {
			mustBe(t, national)
		}
	})
}

func kind(err error) string {
	switch {
	case err == nil:
		return "found"
	case errors.Is(err, ErrNotFound):
		return "not found"
	case errors.Is(err, ErrRefused):
		return "refused"
	}
	return "outage"
}

var (
	isDay    = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)?$`)
	isYear   = regexp.MustCompile(`^(\d{4})?$`)
	isNumber = regexp.MustCompile(`^(\d{12})?$`)
)

type fatal interface{ Fatalf(string, ...any) }

// mustBe holds what every record that is taken must be.
func mustBe(t fatal, c Citizen) {
	bad := c.IDNumber != "001099000001" || c.Name == "" || !bare(fmt.Sprint(c)) || !isDay.MatchString(c.BirthDate) || !isYear.MatchString(c.BirthYear) ||
		!slices.Contains([]string{"", "male", "female"}, c.Sex) || !slices.Contains([]string{"", "never", "married", "divorced", "widowed"}, c.Marital)
	for _, n := range []string{c.FatherNumber, c.MotherNumber, c.SpouseNumber, c.HeadNumber} {
		bad = bad || !isNumber.MatchString(n)
	}
	if bad {
		t.Fatalf("taken: %+v", c)
	}
}

// TestNoPartIsTaken: an answer that is cut anywhere, or has anything after it, is no answer.
func TestNoPartIsTaken(t *testing.T) {
	t.Parallel()
	whole := map[string]string{
		"national": people(`<CongDan><SoDinhDanh>001099000001</SoDinhDanh><HoVaTen>NGUYỄN VĂN MẪU</HoVaTen></CongDan>`),
		"province": `{"body":{"congdanCollection":{"congDan":{"soDinhDanh":"001099000001","hoVaTen":"NGUYỄN VĂN MẪU"}}}}`,
		"business": `{"Data":{"MainInformation":{"ENTERPRISE_GDT_CODE":"0101243150","NAME":"A"}}}`,
		"relay":    `{"StatusCode":200,"Status":"SUCCESS","ThrowException":false,"ResultObject":{"ENTERPRISE_GDT_CODE":"0101243150","NAME":"A"}}`,
		"births":   `{"soDinhDanh":"001190000011","khaiSinh":[{"so":"1","con":{"hoTen":"A"},"me":{"soDinhDanh":"001190000011"}}]}`,
	}
	ways := slices.Sorted(maps.Keys(whole))
	rapid.Check(t, func(t *rapid.T) {
		way := rapid.SampledFrom(ways).Draw(t, "way")
		b := whole[way]
		if err := taken(way, b); err != nil {
			t.Fatalf("the whole of it: %v", err)
		}
		if err := taken(way, b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")]); !errors.Is(err, ErrRefused) {
			t.Fatalf("cut: %v", err)
		}
		if err := taken(way, b+rapid.SampledFrom([]string{b, "{}", "x", "<a/>", "]", "null"}).Draw(t, "more")); !errors.Is(err, ErrRefused) {
			t.Fatalf("with more: %v", err)
		}
	})
}

// taken reads an answer to its end.
func taken(way, answer string) error {
	var err error
	switch way {
	case "national":
		var body *node
		if body, err = readBody([]byte(answer)); err == nil {
			_, err = citizenIn(body, "001099000001")
		}
	case "province":
		var body *node
		if body, err = readWrapped([]byte(answer)); err == nil {
			_, err = citizenIn(body, "001099000001")
		}
	case "business":
		_, err = readEnterprise([]byte(answer))
	case "relay":
		_, err = readRelayed([]byte(answer))
	case "births":
		var root *node
		if root, err = readAbout([]byte(answer), "001190000011"); err == nil {
			_, err = readBirths(root, "001190000011")
		}
	}
	return err
}

// TestNamesAreJoined: however a name is split over its parts, it is the same name.
func TestNamesAreJoined(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`[A-ZĐƯ]{1,6}`), 1, 6).Draw(t, "parts")
		i := rapid.IntRange(0, len(parts)-1).Draw(t, "i")
		j := rapid.IntRange(i, len(parts)-1).Draw(t, "j")
		n := &node{kids: []*node{{name: "Ho", text: strings.Join(parts[:i], " ")}, {name: "ChuDem", text: strings.Join(parts[i:j], "  ")}, {name: "Ten", text: strings.Join(parts[j:], " ")}}}
		if got, want := fullName(n), strings.Join(parts, " "); got != want || fullName(&node{text: want}) != want {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

// TestIdentifiersComeBack: what is taken for an identifier is what stands in the header
// once its parts are decoded, and holds nothing that could end a header or an address.
func TestIdentifiersComeBack(t *testing.T) {
	t.Parallel()
	safe := regexp.MustCompile(`^[A-Za-z0-9._~!$&'()*+,=@/%-]+$`)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Z]{2}/[A-Z]{3}/.{1,8}/.{1,8}`)).Draw(t, "id")
		got, err := ClientIdentifier(id)
		if err != nil {
			return
		}
		back, err := url.PathUnescape(got)
		if err != nil || back != id || !safe.MatchString(got) || strings.Count(got, "/") != strings.Count(id, "/") || strings.Contains("/"+got+"/", "/../") {
			t.Fatalf("%q: %q (%v)", id, got, err)
		}
	})
}
