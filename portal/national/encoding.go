package national

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	ucs "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

// decode gives a file as text and says how it was written.
func decode(file []byte) (text, is string, err error) {
	switch {
	case bytes.HasPrefix(file, []byte("\xEF\xBB\xBF")):
		if file = file[3:]; !utf8.Valid(file) {
			return "", "", bad("national.file.encoding")
		}
		text, is = string(file), "utf-8-bom"
	case bytes.HasPrefix(file, []byte("\xFF\xFE")):
		text, is = string(with(ucs.UTF16(ucs.LittleEndian, ucs.IgnoreBOM), file[2:])), "utf-16le"
	case bytes.HasPrefix(file, []byte("\xFE\xFF")):
		text, is = string(with(ucs.UTF16(ucs.BigEndian, ucs.IgnoreBOM), file[2:])), "utf-16be"
	case zeros(file, 1):
		text, is = string(with(ucs.UTF16(ucs.LittleEndian, ucs.IgnoreBOM), file)), "utf-16le"
	case zeros(file, 0):
		text, is = string(with(ucs.UTF16(ucs.BigEndian, ucs.IgnoreBOM), file)), "utf-16be"
	case utf8.Valid(file):
		text, is = string(file), "utf-8"
	default:
		text, is = norm.NFC.String(string(with(charmap.Windows1258, file))), "windows-1258"
		if strange(text) {
			return "", "", bad("national.file.encoding")
		}
	}
	if strings.ContainsRune(text, 0) || strings.ContainsRune(text, utf8.RuneError) {
		return "", "", bad("national.file.encoding")
	}
	return text, is, nil
}

// with decodes; what an encoding does not have becomes the sign for that.
func with(e encoding.Encoding, b []byte) []byte {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return []byte("\uFFFD")
	}
	return out
}

// zeros says whether the beginning of a file has zeros at every second place, as letters
// that ASCII has do in UTF-16.
func zeros(file []byte, at int) bool {
	n, zero := 0, 0
	for i := at; i < min(len(file), 400); i += 2 {
		n++
		if file[i] == 0 {
			zero++
		}
	}
	return n > 1 && zero*2 > n && (at == 1 || file[0] == 0)
}

// strange says whether the text is nobody's: the old Vietnamese fonts (TCVN3, VNI) put
// letters where windows-1258 has signs, which are then between letters everywhere.
func strange(text string) bool {
	var letters, signs int
	var before rune
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) && r > 0x7F:
			letters++
		case r >= 0x80 && r <= 0xBF && unicode.IsLetter(before):
			signs++
		}
		before = r
	}
	return signs*6 > letters
}
