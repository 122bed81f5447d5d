package portal

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"motcua/portal/draft"
)

// calls are the routes beside the table of offers, with tests of their own: those that our
// script and programs of tus use without forms, and those of a phone without a session.
var calls = []string{
	"GET /dien-thoai", "POST /dien-thoai", "GET /dien-thoai/ban-ghep.pdf", "GET /dien-thoai/:file", "GET /dien-thoai/mo/:secret", "POST /dien-thoai/mo/:secret",
	"POST /dien-thoai/tus", "PATCH /dien-thoai/tus/:upload", "DELETE /dien-thoai/tus/:upload",
	"POST /ho-so/:id/giay-to/:component/tus", "PATCH /ho-so/:id/giay-to/:component/tus/:upload", "DELETE /ho-so/:id/giay-to/:component/tus/:upload",
}

// wire is a browser's script over a real socket.
type wire struct {
	b      *browser
	server string
	paper  string
}

func (h *house) listen() string {
	h.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	go func() { _ = h.web.App.Listener(ln) }()
	h.t.Cleanup(func() { _ = h.web.App.Shutdown() })
	return ln.Addr().String()
}

// heads are what the script sends with a call, with more laid over them.
func (w wire) heads(more map[string]string) http.Header {
	all := http.Header{"Tus-Resumable": {"1.0.0"}, "X-Form-Token": {w.b.csrf()}, "Accept": {"application/json"}}
	for name, value := range more {
		if all.Set(name, value); value == "" {
			all.Del(name)
		}
	}
	for name, value := range w.b.cookies {
		all.Add("Cookie", name+"="+value)
	}
	return all
}

func (w wire) call(method, at string, heads map[string]string, body string) reply {
	w.b.h.t.Helper()
	req, err := http.NewRequest(method, "http://"+w.server+at, strings.NewReader(body))
	w.b.h.must(err)
	req.Header = w.heads(heads)
	res, err := http.DefaultTransport.RoundTrip(req)
	w.b.h.must(err)
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	w.b.h.must(err)
	return reply{res.StatusCode, res.Header, all}
}

func (w wire) begin(name string, length int) reply {
	return w.call("POST", w.paper+"/tus", map[string]string{"Upload-Length": strconv.Itoa(length),
		"Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte(name))}, "")
}

func (w wire) piece(at string, offset int, body string) reply {
	return w.call("PATCH", at, map[string]string{"Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream"}, body)
}

func (w wire) offset(at string) (int, int) {
	r := w.call("HEAD", at, nil, "")
	n, _ := strconv.Atoi(r.Header.Get("Upload-Offset"))
	return r.Status, n
}

func (h *house) wire() (mine, others wire, id string) {
	h.t.Helper()
	m, p := h.signedIn("mai"), h.signedIn("phuc")
	id = m.draft(birth, nil)
	at := "/ho-so/" + id + "/giay-to/giay_chung_sinh"
	server := h.listen()
	return wire{m, server, at}, wire{p, server, at}, id
}

// long is a document of about so many bytes.
func long(n int) string { return pdfWith("% " + strings.Repeat("x", n)) }

func TestAFileComesInPiecesOverALineThatBreaks(t *testing.T) {
	h := newHouse(t)
	mine, _, id := h.wire()
	content := long(1_300_000)
	r := mine.begin("giấy.pdf", len(content))
	at := r.Header.Get("Location")
	ends, err := time.Parse(http.TimeFormat, r.Header.Get("Upload-Expires"))
	if r.Status != 201 || !strings.HasPrefix(at, mine.paper+"/tus/") || r.Header.Get("Upload-Offset") != "0" || err != nil || time.Until(ends) < 23*time.Hour || r.Header.Get("Tus-Resumable") != "1.0.0" {
		t.Fatalf("%d %v", r.Status, r.Header)
	}
	const torn = 300_000
	mine.tear(at, content[:torn], draft.MaxPiece)
	got := mine.waitFor(at, torn)
	for got < len(content) {
		next := min(len(content), got+draft.MaxPiece)
		if r := mine.piece(at, got, content[got:next]); r.Status != 204 || r.Header.Get("Upload-Offset") != strconv.Itoa(next) {
			t.Fatalf("%d %v %s", r.Status, r.Header, r.Body)
		}
		got = next
	}
	if r := mine.piece(at, got, ""); r.Status != 204 { // the last answer was lost: said again
		t.Errorf("%d", r.Status)
	}
	files, err := draft.FilesOf(t.Context(), h.DB, id, 0)
	h.must(err)
	last := files[len(files)-1]
	if len(files) != 3 || last.Name != "giấy.pdf" || last.Size != int64(len(content)) {
		t.Fatalf("%d files, the last %+v", len(files), last)
	}
	if r := mine.b.get(mine.paper + "/" + last.ID); !bytes.Equal(r.Body, []byte(content)) {
		t.Error("other bytes come back")
	}
}

// tear sends less than it has said and hangs up.
func (w wire) tear(at, body string, said int) {
	w.b.h.t.Helper()
	conn, err := net.Dial("tcp", w.server)
	w.b.h.must(err)
	heads := w.heads(map[string]string{"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Content-Length": strconv.Itoa(said), "Host": w.server})
	var b bytes.Buffer
	fmt.Fprintf(&b, "PATCH %s HTTP/1.1\r\n", at)
	w.b.h.must(heads.Write(&b))
	b.WriteString("\r\n" + body)
	_, err = conn.Write(b.Bytes())
	w.b.h.must(err)
	w.b.h.must(conn.Close())
}

// waitFor asks until what was sent before the line broke is there.
func (w wire) waitFor(at string, want int) int {
	w.b.h.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if _, got := w.offset(at); got == want {
			return got
		}
	}
	w.b.h.t.Fatal("what came before the line broke is lost")
	return 0
}

func TestPiecesThatTusRefuses(t *testing.T) {
	h := newHouse(t)
	mine, others, _ := h.wire()
	at := mine.begin("a.pdf", 4000).Header.Get("Location")
	if r := mine.piece(at, 0, strings.Repeat("x", 1000)); r.Status != 204 {
		t.Fatal(r.Status, r.text())
	}
	before, blobs := h.snapshot(), h.blobs()
	patch := map[string]string{"Upload-Offset": "1000", "Content-Type": "application/offset+octet-stream"}
	with := func(name, value string) map[string]string {
		all := map[string]string{name: value}
		for n, v := range patch {
			if _, there := all[n]; !there {
				all[n] = v
			}
		}
		return all
	}
	for name, c := range map[string]struct {
		r    reply
		want int
	}{
		"the place before":      {mine.piece(at, 0, "x"), 409},
		"a place after":         {mine.piece(at, 1001, "x"), 409},
		"beyond the end":        {mine.piece(at, 1000, strings.Repeat("x", 3001)), 413},
		"a piece of 512 KB + 1": {mine.piece(at, 1000, strings.Repeat("x", draft.MaxPiece+1)), 413},
		"no offset":             {mine.call("PATCH", at, with("Upload-Offset", "-1"), "x"), 400},
		"another type":          {mine.call("PATCH", at, with("Content-Type", "text/plain"), "x"), 415},
		"another version":       {mine.call("PATCH", at, with("Tus-Resumable", "0.9"), "x"), 412},
		"no version":            {mine.call("PATCH", at, with("Tus-Resumable", ""), "x"), 412},
		"no token":              {mine.call("PATCH", at, with("X-Form-Token", ""), "x"), 403},
		"another's token":       {mine.call("PATCH", at, with("X-Form-Token", others.b.csrf()), "x"), 403},
		"from another site":     {mine.call("PATCH", at, with("Origin", "https://evil.example"), "x"), 403},
		"drop without token":    {mine.call("DELETE", at, map[string]string{"X-Form-Token": ""}, ""), 403},
		"begin without token":   {mine.call("POST", mine.paper+"/tus", map[string]string{"X-Form-Token": "", "Upload-Length": "10"}, ""), 403},
		"begin without length":  {mine.call("POST", mine.paper+"/tus", nil, ""), 400},
		"a name that is none":   {mine.call("POST", mine.paper+"/tus", map[string]string{"Upload-Length": "10", "Upload-Metadata": "filename %%"}, ""), 400},
		"20 MB and a byte":      {mine.begin("a.pdf", draft.MaxFile+1), 413},
		"nothing":               {mine.begin("a.pdf", 0), 422},
		"another's piece":       {others.piece(at, 1000, "x"), 404},
		"another's state":       {others.call("HEAD", at, nil, ""), 404},
		"another's end":         {others.call("DELETE", at, nil, ""), 404},
		"another's draft":       {others.begin("a.pdf", 100), 404},
		"none":                  {mine.piece(mine.paper+"/tus/"+nowhere, 0, "x"), 404},
	} {
		if c.r.Status != c.want {
			t.Errorf("%s: %d, want %d: %s", name, c.r.Status, c.want, c.r.Body)
		}
	}
	nobody := wire{h.visitor(), mine.server, mine.paper}
	if r := nobody.piece(at, 1000, "x"); r.Status != 401 {
		t.Errorf("nobody: %d", r.Status)
	}
	for _, table := range changed(before, h.snapshot()) {
		if table != "limits" {
			t.Errorf("changed %s", table)
		}
	}
	if h.blobs() != blobs {
		t.Errorf("%d blobs more", h.blobs()-blobs)
	}
	if r := mine.call("DELETE", at, nil, ""); r.Status != 204 {
		t.Errorf("dropped: %d", r.Status)
	}
	if status, _ := mine.offset(at); status != 404 {
		t.Errorf("after it was dropped: %d", status)
	}
}

func TestTwoPatchesAtOnce(t *testing.T) {
	h := newHouse(t)
	mine, _, id := h.wire()
	content := long(3000)
	at := mine.begin("a.pdf", len(content)).Header.Get("Location")
	mine.b.csrf()
	statuses := make(chan int)
	for range 6 {
		go func() { statuses <- mine.piece(at, 0, content).Status }()
	}
	taken := 0
	for range 6 {
		switch s := <-statuses; s {
		case 204:
			taken++
		case 409:
		default:
			t.Errorf("%d", s)
		}
	}
	files, err := draft.FilesOf(t.Context(), h.DB, id, 0)
	h.must(err)
	if taken != 1 || len(files) != 3 {
		t.Errorf("%d taken, %d files", taken, len(files))
	}
}

// What is no paper is said with its reason, in the words that the page would have.
func TestAFileInPiecesThatIsNoPaper(t *testing.T) {
	h := newHouse(t)
	mine, _, _ := h.wire()
	content := "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + strings.Repeat("x", 100)
	at := mine.begin("IMG_1.jpg", len(content)).Header.Get("Location")
	r := mine.piece(at, 0, content)
	if r.Status != 422 || !strings.Contains(r.text(), "Tương thích nhất") || !strings.Contains(r.text(), "draft.file_heic") {
		t.Errorf("%d %s", r.Status, r.Body)
	}
}
