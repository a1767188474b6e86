package pagesapi

import (
	"encoding/json"
	"time"
)

// A moment is a time as the API writes it: null, with or without a zone, with
// any number of fractional digits. What cannot be read is zero: a bad time must
// not hide the deployment that carries it.
type moment struct{ time.Time }

// UnmarshalJSON never fails.
func (m *moment) UnmarshalJSON(raw []byte) error {
	m.Time = time.Time{}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		m.Time = parseTime(text)
	}
	return nil
}

// parseTime returns the time in UTC, which is also assumed where the zone is
// missing, or zero.
func parseTime(text string) time.Time {
	layouts := [...]string{
		time.RFC3339, // time.Parse accepts a fraction where a layout has none
		"2006-01-02T15:04:05",
		"2006-01-02T15:04:05Z0700",
		"2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05",
		time.DateOnly,
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return withinCalendar(t.UTC())
		}
	}
	return time.Time{}
}

// withinCalendar drops years that a zone's offset moved out of four digits,
// which no encoder writes.
func withinCalendar(t time.Time) time.Time {
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}
