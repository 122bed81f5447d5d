package pg

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// JSON is v as the value of a jsonb column. It goes out as text: with binary parameters a
// []byte would be taken for jsonb's binary form and refused.
func JSON(v any) driver.Valuer { return jsonValue{v} }

type jsonValue struct{ v any }

func (j jsonValue) Value() (driver.Value, error) {
	b, err := json.Marshal(j.v)
	if err != nil {
		return nil, fmt.Errorf("marshal %T: %w", j.v, err)
	}
	return string(b), nil
}

// JSONOf is a jsonb column read into, and written from, a T. NULL reads as the zero T.
type JSONOf[T any] struct{ V T }

// Scan reads the column.
func (j *JSONOf[T]) Scan(src any) error {
	var fresh T // what the variable held before must not shine through
	j.V = fresh
	switch src := src.(type) {
	case nil:
		return nil
	case []byte:
		return json.Unmarshal(src, &j.V)
	case string:
		return json.Unmarshal([]byte(src), &j.V)
	}
	return fmt.Errorf("scan %T into JSON", src)
}

// Value is what goes into the column.
func (j JSONOf[T]) Value() (driver.Value, error) { return jsonValue{j.V}.Value() }

// Sealed is a personal value (an ID number, a registry's answer) on its way into or out of
// the database. Today it is kept as it is; encryption will come here and nowhere else.
type Sealed string

// Value is what goes into the column.
func (s Sealed) Value() (driver.Value, error) { return string(s), nil }

// Scan reads the column. NULL reads as the empty value.
func (s *Sealed) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*s = ""
	case string:
		*s = Sealed(src)
	case []byte:
		*s = Sealed(src)
	default:
		return fmt.Errorf("scan %T into a sealed value", src)
	}
	return nil
}

// LookupKey makes the hashes by which people and businesses are found without storing
// their numbers in an index. An unkeyed hash of a twelve-digit number is undone by trying.
type LookupKey []byte

// Hash is the keyed hash of a bare number: no spaces, no dots.
func (k LookupKey) Hash(number string) []byte {
	m := hmac.New(sha256.New, k)
	m.Write([]byte(number))
	return m.Sum(nil)
}
