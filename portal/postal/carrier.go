package postal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Carrier speaks to the public post by the interface of the national sharing platform
// (VNPost N-GSP). Its papers are not published; the fields are those that provincial
// portals in the open send (VietOpenCPS/opencps-v2, backend-postal-api-rest).
type Carrier struct {
	URL                             string // of the platform
	TokenURL, OrderURL, TrackingURL string // where a province's own platform has other addresses
	Key, Secret                     string // of the consumer
	Customer                        string // code of the contract
	HTTP                            *http.Client
	Now                             func() time.Time

	mu    sync.Mutex
	token string
	until time.Time
}

// The paths of the national platform, and how long one question may take.
const (
	tokenPath    = "/token"
	orderPath    = "/apiVNPostNGSP/p1.0/order/post"
	trackingPath = "/apiVNPostNGSP/p1.0/order/tracking"

	patience = 15 * time.Second
)

func (c *Carrier) at(own, path string) string {
	if own != "" {
		return own
	}
	return strings.TrimSuffix(c.URL, "/") + path
}

func (c *Carrier) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// Name is the carrier's name in our tables.
func (c *Carrier) Name() string { return "vnpost" }

// The answers to an order. 100 is what provincial portals take for success. The code for
// "this number is ordered already" is not published: 101 is our stand-in's; whoever hooks
// up the real carrier corrects it here. An order refused by mistake is found all the same
// by its first event.
const (
	orderMade   = "100"
	orderExists = "101"
)

// errRefused is the carrier's "not like this": no repeat will help.
type errRefused struct{ answer string }

func (e *errRefused) Error() string { return "the carrier refused: " + e.answer }

// shipment is the order as the carrier wants it.
type shipment struct {
	CustomerCode     string
	OrderNumber      string
	CODAmount        int64
	SenderProvince   int
	SenderDistrict   int // there are no districts since 1 July 2025
	SenderAddress    string
	SenderName       string
	SenderEmail      string
	SenderTel        string
	SenderDesc       string
	Description      string
	ReceiverName     string
	ReceiverAddress  string
	ReceiverTel      string
	ReceiverProvince int
	ReceiverDistrict int
	ReceiverEmail    string
}

// order makes the shipment known. It may be repeated: the carrier knows it by its number.
// A nil error says that the carrier has exactly one such order.
func (c *Carrier) order(ctx context.Context, s shipment) (answer string, err error) {
	s.CustomerCode = c.Customer
	body, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	b, err := c.call(ctx, http.MethodPost, c.at(c.OrderURL, orderPath), body)
	if err != nil {
		return "", fmt.Errorf("order %s: %w", s.OrderNumber, err)
	}
	var a struct {
		Status  loose
		Message string
	}
	if err := json.Unmarshal(b, &a); err != nil || a.Status == "" {
		return "", fmt.Errorf("order %s: no answer the carrier would give: %.80q", s.OrderNumber, b)
	}
	answer = plain(string(a.Status) + " " + a.Message)
	if a.Status != orderMade && a.Status != orderExists {
		return answer, &errRefused{answer}
	}
	return answer, nil
}

// call asks with a token, and once more with a fresh one when the carrier knows it no more.
func (c *Carrier) call(ctx context.Context, method, address string, body []byte) ([]byte, error) {
	for try := 0; ; try++ {
		token, err := c.bearer(ctx)
		if err != nil {
			return nil, err
		}
		r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Accept", "application/json")
		if body != nil {
			r.Header.Set("Content-Type", "application/json")
		}
		status, b, err := c.do(r)
		switch {
		case err != nil:
			return nil, err
		case status == http.StatusUnauthorized && try == 0:
			c.forget(token)
		case status != http.StatusOK:
			return nil, fmt.Errorf("the carrier answers %d", status)
		default:
			return b, nil
		}
	}
}

// bearer is the access token, fetched when there is none or it is about to end.
func (c *Carrier) bearer(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" && c.now().Before(c.until) {
		return c.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.at(c.TokenURL, tokenPath), strings.NewReader(form))
	if err != nil {
		return "", err
	}
	r.SetBasicAuth(c.Key, c.Secret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, b, err := c.do(r)
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	var a struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	if status != http.StatusOK {
		return "", fmt.Errorf("token: the carrier answers %d", status)
	}
	if err := json.Unmarshal(b, &a); err != nil || a.AccessToken == "" {
		return "", errors.New("token: no answer the carrier would give")
	}
	c.token = a.AccessToken
	c.until = c.now().Add(time.Duration(a.ExpiresIn)*time.Second - time.Minute)
	return c.token, nil
}

func (c *Carrier) forget(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token == token {
		c.token = ""
	}
}

func (c *Carrier) do(r *http.Request) (int, []byte, error) {
	client := c.HTTP
	if client == nil {
		client = &http.Client{Timeout: patience}
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	return answer.StatusCode, b, err
}

// loose is a code that some platforms send as a number and others as a string.
type loose string

// UnmarshalJSON takes either.
func (l *loose) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*l = loose(strings.TrimSpace(s))
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*l = loose(n.String())
	return nil
}
