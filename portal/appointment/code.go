package appointment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Codes are short enough to be read out and long enough that trying finds none.
const (
	codeAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" // 32, without those that look alike
	codeLength   = 10
	triesAnHour  = 20
)

// code is the one of an appointment. It is made of the id with the key, so that it stands
// in no row, and yet can be shown again to who has it.
func (s *Service) code(id string) string {
	sum := s.Key.Hash("appointment code " + id)
	code := make([]byte, codeLength)
	for i := range code {
		code[i] = codeAlphabet[sum[i]&31]
	}
	return string(code)
}

func (s *Service) codeHash(code string) []byte { return s.Key.Hash("appointment by " + code) }

// Grouped is a code as people read it.
func Grouped(code string) string {
	if len(code) != codeLength {
		return code
	}
	return code[:5] + " " + code[5:]
}

// Find gives the appointment of a code to the browser that it was typed in, and says its id.
func (s *Service) Find(ctx context.Context, code string, browser []byte, ip string) (string, error) {
	allowed, err := pg.Allow(ctx, s.DB, "appointment.code", ip, triesAnHour, time.Hour, s.Now())
	if err != nil {
		return "", err
	}
	if !allowed {
		return "", problem.New(problem.TooMany, "appointment.too_many_tries")
	}
	code = strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeAlphabet, r) {
			return r
		}
		return -1
	}, strings.ToUpper(code))
	var ids []string
	err = s.DB.SelectContext(ctx, &ids, `UPDATE appointments SET browser = $2 WHERE code_hash = $1 AND person_id IS NULL RETURNING id`, s.codeHash(code), browser)
	if err != nil {
		return "", fmt.Errorf("appointment of a code: %w", err)
	}
	if len(ids) == 0 {
		return "", problem.New(problem.Invalid, "appointment.code_unknown")
	}
	return ids[0], nil
}
