package notification

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// ESMS is a messaging operator that speaks as eSMS does: one JSON request a message, under
// the sender's registered name.
type ESMS struct {
	URL    string // before the path of the operation
	Key    string
	Secret string
	Brand  string
	HTTP   *http.Client // nil: one of our own
}

const (
	esmsPath = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
	esmsTime = 10 * time.Second
)

// esmsRequest is written as the operator reads it: all values are texts.
type esmsRequest struct {
	ApiKey    string
	SecretKey string
	Phone     string
	Content   string
	SmsType   string // 2 is customer care: no advertising
	Brandname string
	Unicode   string
	Sandbox   string
	RequestId string
}

type esmsAnswer struct {
	CodeResult   string
	ErrorMessage string
	SMSID        string
}

// The operator's answers. What is neither taken nor about this message is for the operator
// of the portal to mend (key, balance, brand name), and the message waits.
const (
	esmsTaken    = "100" // not yet delivered
	esmsTwice    = "124" // the same RequestId: taken before
	esmsPhone    = "99"  // no such number, or none that takes messages
	esmsTemplate = "146" // the text is not one that the brand registered
	esmsCarrier  = "177" // the brand is not registered with this carrier
)

// Send hands a message over and returns the operator's number of it. A refusal is for good;
// any other error means that it may be tried again, under the same request.
func (e *ESMS) Send(ctx context.Context, request, phone, body string) (string, error) {
	unicode := "0"
	if _, wide := Segments(body); wide {
		unicode = "1"
	}
	b, err := json.Marshal(esmsRequest{ApiKey: e.Key, SecretKey: e.Secret, Phone: phone, Content: body, SmsType: "2",
		Brandname: e.Brand, Unicode: unicode, Sandbox: "0", RequestId: request})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, esmsTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(e.URL, "/")+esmsPath, bytes.NewReader(b))
	if err != nil {
		return "", errors.New("messages: the operator's address is none")
	}
	r.Header.Set("Content-Type", "application/json")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if e.HTTP != nil {
		client.Transport = e.HTTP.Transport
	}
	resp, err := client.Do(r)
	if err != nil {
		return "", fmt.Errorf("messages: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("messages: the operator answers %d", resp.StatusCode)
	}
	var a esmsAnswer
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&a); err != nil {
		return "", errors.New("messages: the operator's answer cannot be read")
	}
	return a.verdict()
}

// verdict reads the answer. The operator's own words are not passed on: they may repeat the
// number, and errors go to the log.
func (a esmsAnswer) verdict() (string, error) {
	switch a.CodeResult {
	case esmsTaken, esmsTwice:
		return strings.TrimSpace(a.CodeResult + " " + clip(a.SMSID, 60)), nil
	case esmsPhone, esmsTemplate, esmsCarrier:
		return "", refusal(a.CodeResult)
	}
	return "", fmt.Errorf("messages: the operator answers %q", clip(a.CodeResult, 10))
}

func clip(s string, most int) string {
	s = oneLine(strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
