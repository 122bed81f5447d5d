package postal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// pageSize is how many events one look at the feed brings.
const pageSize = 50

// feedStart is the cursor before the first event: the carrier keeps its events in MongoDB
// and its cursor is the id of the last one read.
const feedStart = "000000000000000000000000"

// heard is one event as the carrier tells it.
type heard struct {
	ID      string
	Number  string
	Item    string
	Code    string
	Message string
	Office  string
	Notes   string
	At      time.Time
}

// page is one look at the feed.
type page struct {
	Events []heard
	Last   string // the cursor for the next look
	More   bool   // there is more right away
	Odd    int    // documents that are no events: passed over
}

// tracking reads the feed on from a cursor.
func (c *Carrier) tracking(ctx context.Context, last string) (page, error) {
	q := url.Values{"pagesize": {strconv.Itoa(pageSize)}, "lastId": {last}}
	b, err := c.call(ctx, http.MethodGet, c.at(c.TrackingURL, trackingPath)+"?"+q.Encode(), nil)
	if err != nil {
		return page{}, fmt.Errorf("tracking feed: %w", err)
	}
	var a struct {
		Embedded *struct {
			Docs []json.RawMessage `json:"rh:doc"`
		} `json:"_embedded"`
		Returned *int `json:"_returned"`
	}
	if err := json.Unmarshal(b, &a); err != nil || a.Embedded == nil && a.Returned == nil {
		return page{}, fmt.Errorf("tracking feed: no answer the carrier would give: %.80q", b)
	}
	p := page{Last: last}
	if a.Embedded == nil {
		return p, nil
	}
	for _, doc := range a.Embedded.Docs {
		h, ok := c.read(doc)
		p.Last = max(p.Last, h.ID) // not the last one listed: a page may come out of order
		if !ok {
			p.Odd++
			continue
		}
		p.Events = append(p.Events, h)
	}
	p.More = len(a.Embedded.Docs) >= pageSize && p.Last != last
	return p, nil
}

// read makes an event of a document, or says that it is none.
func (c *Carrier) read(doc json.RawMessage) (heard, bool) {
	var d struct {
		ID struct {
			OID string `json:"$oid"`
		} `json:"_id"`
		OrderNumber   string
		EventTime     json.RawMessage
		POSID         loose
		ItemCode      string
		StatusCode    loose
		StatusMessage string
		Notes         string
	}
	err := json.Unmarshal(doc, &d)
	h := heard{
		ID: plain(d.ID.OID), Number: plain(d.OrderNumber), Item: NormalS10(plain(d.ItemCode)), Code: plain(string(d.StatusCode)),
		Message: plain(d.StatusMessage), Office: plain(string(d.POSID)), Notes: plain(d.Notes),
	}
	var ok bool
	if h.At, ok = eventTime(d.EventTime); !ok {
		h.At = c.now() // late is better than lost
	}
	return h, err == nil && h.ID != "" && h.Number != "" && h.Code != ""
}

// plain makes a carrier's words fit to be kept: no control characters (PostgreSQL refuses
// NUL, and one such event would block the feed for ever) and no more than a page.
func plain(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
	if r := []rune(s); len(r) > 1000 {
		s = string(r[:1000])
	}
	return s
}

// eventTimes are the ways in which the carrier's systems write an instant. Without a zone
// it is Vietnam's.
var eventTimes = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "02/01/2006 15:04:05", "02/01/2006 15:04",
}

var ict = time.FixedZone("ICT", 7*3600)

func eventTime(raw json.RawMessage) (time.Time, bool) {
	var mongo struct {
		Date *int64 `json:"$date"`
	}
	if json.Unmarshal(raw, &mongo) == nil && mongo.Date != nil {
		return time.UnixMilli(*mongo.Date), true
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return time.Time{}, false
	}
	for _, layout := range eventTimes {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(s), ict); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
