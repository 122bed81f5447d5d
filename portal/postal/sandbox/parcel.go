package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"motcua/portal/standin"
)

// Parcel is an order and what became of it.
type Parcel struct {
	Order
	ItemCode string
	Code     string // of the last event, "" before the first
	Events   []Event
}

// Order is what a customer sends. Provinces are postal codes; numbers may come as strings.
type Order struct {
	CustomerCode, OrderNumber                                                  string
	CODAmount                                                                  json.Number
	SenderProvince, SenderDistrict                                             json.Number
	SenderAddress, SenderName, SenderEmail, SenderTel, SenderDesc, Description string
	ReceiverName, ReceiverAddress, ReceiverTel                                 string
	ReceiverProvince, ReceiverDistrict                                         json.Number
	ReceiverEmail                                                              string
}

// Event is a document of the feed.
type Event struct {
	ID struct {
		OID string `json:"$oid"`
	} `json:"_id"`
	CustomerCode, OrderNumber, EventTime, POSID, ItemCode string
	StatusCode                                            int
	StatusMessage, Notes                                  string
}

// readOrder reads an order and lists what it lacks.
func readOrder(body []byte) (o Order, missing []string) {
	if err := json.Unmarshal(body, &o); err != nil {
		return o, []string{"JSON"}
	}
	for _, f := range []struct{ name, value string }{
		{"CustomerCode", o.CustomerCode}, {"OrderNumber", o.OrderNumber},
		{"SenderAddress", o.SenderAddress}, {"SenderName", o.SenderName}, {"SenderTel", o.SenderTel},
		{"ReceiverName", o.ReceiverName}, {"ReceiverAddress", o.ReceiverAddress}, {"ReceiverTel", o.ReceiverTel},
	} {
		if strings.TrimSpace(f.value) == "" {
			missing = append(missing, f.name)
		}
	}
	for _, f := range []struct {
		name  string
		value json.Number
	}{{"SenderProvince", o.SenderProvince}, {"ReceiverProvince", o.ReceiverProvince}} {
		if n := atoi(f.value.String()); n < 10 || n > 99 {
			missing = append(missing, f.name)
		}
	}
	return o, missing
}

// step is one stage of a parcel's way, and whether it is at the receiver's end.
type step struct {
	code, message, office string
	far                   bool
}

// way is the usual way of a parcel, one push each.
var way = []step{
	{"1", "Bưu điện đã nhận bưu gửi", "Bưu cục gửi", false},
	{"2", "Bưu gửi đang vận chuyển", "Trung tâm khai thác", false},
	{"3", "Bưu tá đang phát", "Bưu cục phát", true},
	{"4", "Phát thành công", "Bưu cục phát", true},
}

// others are stages off the usual way, by their codes.
var others = map[string]string{
	"5": "Phát không thành công, sẽ phát lại", "6": "Đang chuyển hoàn", "7": "Đã chuyển hoàn cho người gửi",
	"8": "Bưu gửi có sự cố", "9": "Đã hủy đơn hàng", "10": "Đã đến bưu cục phát",
}

func (p *Parcel) over() bool { return p.Code == "4" || p.Code == "7" || p.Code == "9" }

// next is the stage after the parcel's present one on the usual way.
func (p *Parcel) next() step {
	for i, st := range way {
		if st.code == p.Code && i+1 < len(way) {
			return way[i+1]
		}
	}
	switch p.Code {
	case "":
		return way[0]
	case "6":
		return step{"7", others["7"], "Bưu cục gửi", false}
	}
	return way[2] // out again
}

// Parcels are all parcels, oldest first.
func (s *Server) Parcels() []Parcel {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Parcel{}
	for _, p := range s.parcels {
		c := *p
		c.Events = append([]Event(nil), p.Events...)
		all = append(all, c)
	}
	return all
}

// add takes an order. A number it has already makes no second parcel.
func (s *Server) add(o Order) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(o.OrderNumber) != nil {
		return false
	}
	p := &Parcel{Order: o, ItemCode: itemCode(len(s.parcels) + 1)}
	s.parcels = append(s.parcels, p)
	s.record("PARCEL", p)
	return true
}

func (s *Server) find(number string) *Parcel {
	for _, p := range s.parcels {
		if p.OrderNumber == number {
			return p
		}
	}
	return nil
}

// Cancel ends an order that is not in the carrier's hands yet, or says why not.
func (s *Server) Cancel(number string) (why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch p := s.find(number); {
	case p == nil:
		return noOrder
	case p.Code != "":
		return "Bưu gửi đã được chấp nhận"
	default:
		s.happen(p, step{code: "9", message: others["9"]}, "ok")
		return ""
	}
}

// Advance moves a parcel, or "all", one step on, or to the status code given.
func (s *Server) Advance(number, code, message string) error {
	mode := s.Fault().Mode
	s.mu.Lock()
	defer s.mu.Unlock()
	if number == "all" {
		for _, p := range s.parcels {
			if !p.over() {
				s.happen(p, p.next(), mode)
			}
		}
		return nil
	}
	p := s.find(number)
	if p == nil {
		return fmt.Errorf("no parcel %q", number)
	}
	st := p.next()
	if code != "" {
		st = step{code, firstOf(message, others[code], "Trạng thái "+code), "Bưu cục phát", true}
		for _, usual := range way {
			if usual.code == code {
				st = usual
			}
		}
	} else if p.over() {
		return nil
	}
	s.happen(p, st, mode)
	return nil
}

// happen makes an event. In mode late it is told after the parcel's next one, in mode
// double twice, under two ids.
func (s *Server) happen(p *Parcel, st step, mode string) {
	province := p.SenderProvince
	if st.far {
		province = p.ReceiverProvince
	}
	// No two events are of one instant.
	s.last = maxTime(time.Now().In(ict).Truncate(time.Millisecond), s.last.Add(time.Millisecond))
	e := Event{
		CustomerCode: p.CustomerCode, OrderNumber: p.OrderNumber, ItemCode: p.ItemCode, POSID: province.String() + "0000",
		EventTime: s.last.Format(clock), StatusCode: atoi(st.code), StatusMessage: st.message, Notes: st.office,
	}
	p.Code = st.code
	if mode == "late" && len(s.held) == 0 {
		s.held = append(s.held, e)
		s.record("HELD", e)
		return
	}
	s.tell(e)
	if mode == "double" {
		s.tell(e)
	}
	held := s.held
	s.held = nil
	for _, h := range held {
		s.tell(h)
	}
}

const clock = "2006-01-02T15:04:05.000"

var ict = time.FixedZone("ICT", 7*3600)

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// tell puts an event into the feed.
func (s *Server) tell(e Event) {
	e.ID.OID = fmt.Sprintf("%024x", len(s.events)+1)
	s.record("EVENT", e)
	s.told(e)
}

func (s *Server) told(e Event) {
	s.events = append(s.events, e)
	if p := s.find(e.OrderNumber); p != nil {
		p.Events = append(p.Events, e)
	}
}

func (s *Server) record(method string, v any) {
	b, _ := json.Marshal(v)
	s.Record(standin.Entry{At: time.Now(), Method: method, Body: string(b)})
}

// replay brings back what earlier runs kept.
func (s *Server) replay(entries []standin.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, entry := range entries {
		switch entry.Method {
		case "PARCEL":
			p := &Parcel{}
			if json.Unmarshal([]byte(entry.Body), p) == nil {
				s.parcels = append(s.parcels, p)
			}
		case "EVENT", "HELD":
			var e Event
			if json.Unmarshal([]byte(entry.Body), &e) != nil {
				continue
			}
			if at, err := time.ParseInLocation(clock, e.EventTime, ict); err == nil && at.After(s.last) {
				s.last = at
				if p := s.find(e.OrderNumber); p != nil {
					p.Code = strconv.Itoa(e.StatusCode)
				}
			}
			if entry.Method == "HELD" {
				s.held = append(s.held, e)
				continue
			}
			s.told(e)
			s.held = nil
		}
	}
}

// itemCode is an S10 identifier (UPU standard S10): registered mail of Vietnam.
func itemCode(serial int) string {
	digits := fmt.Sprintf("%08d", serial)
	sum := 0
	for i, w := range []int{8, 6, 4, 2, 3, 5, 9, 7} {
		sum += w * int(digits[i]-'0')
	}
	check := 11 - sum%11
	switch check {
	case 10:
		check = 0
	case 11:
		check = 5
	}
	return fmt.Sprintf("RA%s%dVN", digits, check)
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}
