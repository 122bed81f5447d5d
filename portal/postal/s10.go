package postal

import "strings"

// weights of the serial number's digits in an S10 identifier (UPU standard S10-12, annex B).
var weights = [8]int{8, 6, 4, 2, 3, 5, 9, 7}

// CheckDigit is the check digit of an eight-digit serial number, or false when it is none.
func CheckDigit(serial string) (byte, bool) {
	if len(serial) != 8 {
		return 0, false
	}
	sum := 0
	for i, w := range weights {
		if serial[i] < '0' || serial[i] > '9' {
			return 0, false
		}
		sum += w * int(serial[i]-'0')
	}
	switch c := 11 - sum%11; c {
	case 10:
		return '0', true
	case 11:
		return '5', true
	default:
		return byte('0' + c), true
	}
}

// MakeS10 is the identifier of a mail item: service (RA, EE …), serial number, country.
func MakeS10(service, serial, country string) (string, bool) {
	c, ok := CheckDigit(serial)
	id := service + serial + string(c) + country
	return id, ok && ValidS10(id)
}

// ValidS10 says whether id is a mail item's identifier as the standard has it. It is for
// identifiers of our own making: carriers' sample data fails it, and what they send is kept.
func ValidS10(id string) bool {
	if len(id) != 13 || !upper(id[:2]) || !countries[id[11:]] {
		return false
	}
	c, ok := CheckDigit(id[2:10])
	return ok && id[10] == c
}

// NormalS10 is how an identifier typed or printed in groups is compared.
func NormalS10(id string) string {
	return strings.ToUpper(strings.Join(strings.Fields(id), ""))
}

func upper(s string) bool {
	for _, r := range s {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	return true
}

// countries are the codes of ISO 3166-1 (alpha-2, 2024-09).
var countries = func() map[string]bool {
	all := map[string]bool{}
	for code := range strings.FieldsSeq(`
		AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
		CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
		GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
		KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
		MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
		SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
		UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`) {
		all[code] = true
	}
	return all
}()
