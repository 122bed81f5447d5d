package appointment

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/locales"
)

// ICS is the appointment for a person's own calendar (RFC 5545). A later file with the same
// UID and a higher SEQUENCE moves the entry or takes it away.
func (a Appointment) ICS(lang locales.Lang, address string) []byte {
	say := func(m locales.Message) string { words, _ := locales.Say(lang, m); return words }
	name, _ := a.Agency.Name.In(lang)
	counter, _ := a.Counter.In(lang)
	host := strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
	host, _, _ = strings.Cut(host, "/")
	method, status := "PUBLISH", "CONFIRMED"
	if a.State == Cancelled {
		method, status = "CANCEL", "CANCELLED"
	}
	var b strings.Builder
	for _, l := range [][2]string{
		{"BEGIN", "VCALENDAR"}, {"VERSION", "2.0"}, {"PRODID", "-//Mot Cua//Lich hen//VI"}, {"CALSCALE", "GREGORIAN"}, {"METHOD", method},
		{"BEGIN", "VEVENT"},
		{"UID", a.ID + "@" + escaped(host)},
		{"SEQUENCE", strconv.Itoa(a.Sequence)},
		{"DTSTAMP", stamp(a.ChangedAt)}, {"DTSTART", stamp(a.Starts)}, {"DTEND", stamp(a.Ends)},
		{"STATUS", status}, {"TRANSP", "OPAQUE"}, {"CLASS", "PRIVATE"},
		{"SUMMARY", escaped(say(locales.M("appointment.ics", locales.S("agency", name))))},
		{"LOCATION", escaped(strings.Trim(counter+", "+name+", "+a.Agency.Address, ", "))},
		{"DESCRIPTION", escaped(say(locales.M("appointment.ics.says", locales.N("number", int64(a.Number)), locales.S("address", address))))},
		{"URL", address},
	} {
		fold(&b, l[0]+":"+l[1])
	}
	if a.State != Cancelled {
		for _, l := range []string{"BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT2H", "DESCRIPTION:" + escaped(name), "END:VALARM"} {
			fold(&b, l)
		}
	}
	fold(&b, "END:VEVENT")
	fold(&b, "END:VCALENDAR")
	return []byte(b.String())
}

func stamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// escaped is a text value (3.3.11).
func escaped(s string) string {
	return strings.NewReplacer("\\", "\\\\", ";", "\\;", ",", "\\,", "\r\n", "\\n", "\n", "\\n", "\r", "\\n").Replace(s)
}

// longestLine is how many octets a line may have (3.1).
const longestLine = 75

// fold writes a content line, and what does not fit on lines of their own that begin with a
// space, never within a letter.
func fold(b *strings.Builder, line string) {
	room := longestLine
	for len(line) > room {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		b.WriteString(line[:cut])
		b.WriteString("\r\n ")
		line, room = line[cut:], longestLine-1
	}
	b.WriteString(line)
	b.WriteString("\r\n")
}
