package eforms

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"motcua/locales"
)

// Every key that the code names has words in both languages with the same arguments, and
// every key with words is named.
func TestWordsAndCodeAgree(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	key := regexp.MustCompile(`(?:message\(|wrong\(a, )"([a-z_.0-9]*[a-z0-9])"|"(eforms\.[a-z_.0-9]+[a-z0-9])"`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllStringSubmatch(string(b), -1) {
			if m[1] != "" {
				m[2] = "eforms." + m[1]
			}
			named[m[2]] = true
		}
	}
	for _, dynamic := range []string{ // put together from a part's name, or handed to numeric
		"part.day", "part.month", "part.year", "part.day_month", "part.day_year", "part.month_year",
		"label.day", "label.month", "label.year", "label.province", "label.commune", "label.detail", "label.old",
		"label.other", "label.find", "label.became", "label.old_commune", "label.old_district", "label.old_province",
		"whole", "decimal", "money", "period",
		"label.where", "label.country", "label.line1", "label.line2", "label.line3", "label.line4",
		"hint.day", "hint.day_open", "hint.month", "hint.month_open",
		"period.from_day", "period.to_day", "period.short_from_day", "period.short_to_day",
		"period.from_month", "period.to_month", "period.short_from_month", "period.short_to_month",
		"person.name", "person.birth_date", "person.sex", "person.id_number", "person.id_date", "person.id_place",
		"person.ethnicity", "person.nationality", "person.phone",
		"bank_account.bank", "bank_account.number", "bank_account.holder",
		"land_parcel.sheet", "land_parcel.parcel", "land_parcel.area", "land_parcel.address_text",
		"vehicle.plate", "vehicle.brand", "vehicle.frame_number", "vehicle.engine_number",
	} {
		named["eforms."+dynamic] = true
	}
	argument := regexp.MustCompile(`\{(\w+)`)
	arguments := func(s string) map[string]bool {
		out := map[string]bool{}
		for _, m := range argument.FindAllStringSubmatch(s, -1) {
			out[m[1]] = true
		}
		return out
	}
	english := locales.Keys(locales.EN)
	for k, words := range locales.Keys(locales.VI) {
		if !strings.HasPrefix(k, "eforms.") {
			continue
		}
		if !named[k] {
			t.Errorf("no one says %s", k)
		}
		if got, want := arguments(english[k]), arguments(words); !equal(got, want) {
			t.Errorf("%s: arguments %v in English, %v in Vietnamese", k, got, want)
		}
		delete(named, k)
	}
	for k := range named {
		t.Errorf("%s has no words", k)
	}
}

func TestDaysInWords(t *testing.T) {
	for iso, want := range map[string]string{
		"1986-03-31": "ngày ba mươi mốt tháng ba năm một nghìn chín trăm tám mươi sáu",
		"2005-04-15": "ngày mười lăm tháng tư năm hai nghìn không trăm linh năm",
		"2000-10-10": "ngày mười tháng mười năm hai nghìn",
		"2021-12-21": "ngày hai mươi mốt tháng mười hai năm hai nghìn không trăm hai mươi mốt",
		"1900-01-04": "ngày bốn tháng một năm một nghìn chín trăm",
		"1911-11-11": "ngày mười một tháng mười một năm một nghìn chín trăm mười một",
		"1955-05-25": "ngày hai mươi lăm tháng năm năm một nghìn chín trăm năm mươi lăm",
	} {
		v, ok := parseISO(iso)
		if got := v.words(); !ok || got != want {
			t.Errorf("%s: %s\nwant %s", iso, got, want)
		}
	}
}

func TestCleanIsDoneOnce(t *testing.T) {
	for _, s := range []string{"", "  a\tb  ", strings.Repeat("ộ", 30_000), "e\u0323\u0302" + strings.Repeat("o\u0302\u0323", 9_000), "a\x00\u202Eb\xff\xfe", "\ufeffa", "\r\na\r\n\r\nb\n"} {
		for _, lines := range []bool{false, true} {
			once := clean(s, lines)
			if again := clean(once, lines); again != once {
				t.Errorf("%.20q: %.20q, then %.20q", s, once, again)
			}
			if len(once) > maxTyped {
				t.Errorf("%d bytes are kept", len(once))
			}
		}
	}
}

func TestLabelsInsideSentences(t *testing.T) {
	for label, want := range map[string]string{
		"Họ, chữ đệm và tên": "họ, chữ đệm và tên", "Đơn vị": "đơn vị", "UBND xã": "UBND xã", "ID": "ID", "Ô": "ô", "": "",
		"Số định danh (12 số trên thẻ)": "số định danh", "(x)": "(x)",
	} {
		q := Question{Label: locales.V(label)}
		if got := q.inside().VI; got != want {
			t.Errorf("%q: %q, want %q", label, got, want)
		}
	}
}
