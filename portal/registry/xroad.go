package registry

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// XRoad is our side of X-Road's message protocol for REST (PR-REST): questions go to our
// own security server, which signs them and brings them to the register.
type XRoad struct {
	URL    string // of our security server
	Client string // who we are: INSTANCE/CLASS/MEMBER or INSTANCE/CLASS/MEMBER/SUBSYSTEM
	// Unhashed takes answers whose hash of the question is not the one that we make: for
	// where a proxy between us and the security server changes headers.
	Unhashed bool
	HTTP     *http.Client
}

// Identifier checks an X-Road identifier, parts with slashes between, and gives it as it
// goes into addresses and headers: each part percent-encoded, the slashes not. What the
// protocol forbids in a part (PR-REST 4.8) is refused, and with it every line break that
// would begin another header.
func Identifier(id string, least, most int) (string, error) {
	parts := strings.Split(id, "/")
	if len(parts) < least || len(parts) > most {
		return "", fmt.Errorf("%q is no X-Road identifier of %d to %d parts", id, least, most)
	}
	for i, p := range parts {
		if p == "" || p == "." || p == ".." || strings.ContainsAny(p, `:;\%`) ||
			strings.ContainsFunc(p, func(r rune) bool {
				return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
			}) {
			return "", fmt.Errorf("%q is no part of an X-Road identifier", p)
		}
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/"), nil
}

// The parts of a client's and of a service's identifier.
const (
	memberParts    = 3
	subsystemParts = 4
	serviceParts   = 5
)

// ClientIdentifier checks INSTANCE/CLASS/MEMBER[/SUBSYSTEM].
func ClientIdentifier(id string) (string, error) {
	return Identifier(id, memberParts, subsystemParts)
}

// ServiceIdentifier checks INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE.
func ServiceIdentifier(id string) (string, error) { return Identifier(id, serviceParts, serviceParts) }

// about is the one question that we put to registers: what they know of a number. It goes
// in the body, as addresses end up in logs.
type about struct {
	Number string `json:"soDinhDanh"`
}

// ask puts a question to a service and reads the provider's own answer. The request's id is
// X-Road's, so what is on record here is found in the security server's log; a question put
// again is another one with another id.
func (x XRoad) ask(ctx context.Context, r Request, service, path, number string) (*node, error) {
	if !idNumber.MatchString(number) {
		return nil, fmt.Errorf("%w: not a number that may be asked for", ErrRefused)
	}
	body, err := json.Marshal(about{number})
	if err != nil {
		return nil, err
	}
	q, err := x.question(ctx, r, service, path, body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	answer, err := call(x.HTTP, q)
	if err != nil {
		return nil, err
	}
	if err := judge(answer); err != nil {
		return nil, err
	}
	if err := x.belongs(answer.header, q, body); err != nil {
		return nil, err
	}
	return readAbout(answer.body, number)
}

// readAbout reads an answer that must be about the number.
func readAbout(b []byte, number string) (*node, error) {
	found, err := readJSON(b)
	if err != nil {
		return nil, err
	}
	if found.at("soDinhDanh").text != number {
		return nil, fmt.Errorf("%w: another person's record", ErrRefused)
	}
	return found, nil
}

// answered puts a question and reads the answer.
func answered[T any](ctx context.Context, x XRoad, r Request, service, path, number string, read func(*node, string) (T, error)) (T, error) {
	var none T
	root, err := x.ask(ctx, r, service, path, number)
	if err != nil {
		return none, err
	}
	found, err := read(root, number)
	if err != nil {
		return none, err
	}
	return found, nil
}

// plain is what may stand in a header of ours. A personNumber may not be who asks: headers
// are logged along the way. (In a uuid twelve digits may come together by chance.)
var (
	plain        = regexp.MustCompile(`^[A-Za-z0-9._:/-]{1,200}$`)
	personNumber = regexp.MustCompile(`(^|\D)\d{12}(\D|$)`)
)

func (x XRoad) question(ctx context.Context, r Request, service, path string, body []byte) (*http.Request, error) {
	client, err := ClientIdentifier(x.Client)
	if err != nil {
		return nil, err
	}
	if service, err = ServiceIdentifier(service); err != nil {
		return nil, err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, x.URL+"/r1/"+service+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	q.Header.Set("Accept", "application/json")
	q.Header.Set("Accept-Encoding", "identity") // or net/http adds one that the hash does not know
	q.Header.Set("Content-Type", "application/json; charset=utf-8")
	q.Header.Set("X-Road-Client", client)
	for name, value := range map[string]string{"X-Road-Id": r.ID, "X-Road-UserId": r.By, "X-Road-Issue": r.Issue} {
		switch {
		case value == "" && name != "X-Road-Id":
			continue
		case !plain.MatchString(value):
			return nil, fmt.Errorf("%s cannot be %q", name, value)
		case name == "X-Road-UserId":
			if personNumber.MatchString(value) {
				return nil, fmt.Errorf("%s would hold a personal number", name)
			}
			value = "VN" + value // the protocol wants the country in front
		}
		q.Header.Set(name, value)
	}
	return q, nil
}

// judge says what an answer's status means. With X-Road-Error it is X-Road that speaks: the
// provider was not reached, or our question was not right. Without it the status is the
// provider's own.
func judge(a reply) error {
	if e := a.header.Get("X-Road-Error"); e != "" {
		if strings.HasPrefix(e, "Client.") {
			return fmt.Errorf("%w: X-Road says %s", ErrRefused, quoted(e))
		}
		return fmt.Errorf("X-Road says %s", quoted(e))
	}
	switch a.status {
	case http.StatusOK:
		return nil
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: status %d", ErrRefused, a.status)
	}
	return fmt.Errorf("status %d", a.status)
}

// belongs says whether the answer is one to this question: by the id that comes back and by
// the hash, where they are given.
func (x XRoad) belongs(h http.Header, q *http.Request, body []byte) error {
	if id := h.Get("X-Road-Id"); id != "" && id != q.Header.Get("X-Road-Id") {
		return fmt.Errorf("%w: the answer to another question", ErrRefused)
	}
	hash := h.Get("X-Road-Request-Hash")
	if hash == "" || x.Unhashed || hash == requestHash(q, body, h.Get("X-Road-Request-Id")) {
		return nil
	}
	return fmt.Errorf("%w: the hash of another question", ErrRefused)
}

// requestHash is X-Road's hash of a question: SHA-512 of the request line and the headers as
// the security server took them, and with a body of that hash and the body's. Host,
// User-Agent and Content-Length are not among the headers (RestMessage in X-Road's source),
// the id that the server gave comes last, and net/http sends ours sorted.
func requestHash(q *http.Request, body []byte, given string) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\r\n%s\r\n", q.Method, q.URL.RequestURI())
	for _, name := range slices.Sorted(maps.Keys(q.Header)) {
		fmt.Fprintf(&b, "%s:%s\r\n", name, q.Header.Get(name))
	}
	fmt.Fprintf(&b, "x-road-request-id:%s\r\n", given)
	sum := sha512.Sum512(b.Bytes())
	if len(body) > 0 {
		content := sha512.Sum512(body)
		sum = sha512.Sum512(append(sum[:], content[:]...))
	}
	return base64.StdEncoding.EncodeToString(sum[:])
}

// entries are the elements of a register's list, as many as one person may have.
func entries(root *node, name string) ([]*node, error) {
	all := root.all(name)
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: no %s in it", ErrRefused, name)
	}
	all = slices.DeleteFunc(all, func(n *node) bool { return n.null })
	if len(all) == 0 {
		return nil, ErrNotFound
	}
	if len(all) > mostEntries {
		return nil, fmt.Errorf("%w: %d entries about one person", ErrRefused, len(all))
	}
	for _, n := range all {
		if len(n.kids) == 0 {
			return nil, fmt.Errorf("%w: %s is no entry", ErrRefused, name)
		}
	}
	return all, nil
}

const mostEntries = 100
