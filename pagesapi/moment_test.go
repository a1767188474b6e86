package pagesapi

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimesAreReadLeniently(t *testing.T) {
	t.Parallel()
	at := func(nanoseconds int) time.Time { return time.Date(2021, 3, 9, 0, 55, 3, nanoseconds, time.UTC) }
	for raw, want := range map[string]time.Time{
		`"2021-03-09T00:55:03Z"`:                at(0),
		`"2021-03-09T00:55:03.9Z"`:              at(900000000),
		`"2021-03-09T00:55:03.923456Z"`:         at(923456000),
		`"2021-03-09T00:55:03.0749819Z"`:        at(74981900),
		`"2021-03-09T00:55:03.123456789Z"`:      at(123456789),
		`"2021-03-09T00:55:03.1234567899Z"`:     at(123456789),
		`"2021-03-09T00:55:03"`:                 at(0),
		`"2021-03-09T00:55:03.923456"`:          at(923456000),
		`"2021-03-09T02:55:03.5+02:00"`:         at(500000000),
		`"2021-03-09T02:55:03.5+0200"`:          at(500000000),
		`"2021-03-09 00:55:03"`:                 at(0),
		`"2021-03-09 02:55:03+02:00"`:           at(0),
		`"2021-03-09"`:                          time.Date(2021, 3, 9, 0, 0, 0, 0, time.UTC),
		`"0001-01-01T00:00:00Z"`:                {},
		`"9999-12-31T23:59:59-14:00"`:           {},
		`"0000-12-31T23:59:59Z"`:                {},
		`"2021-13-09T00:55:03Z"`:                {},
		`"2021-02-30T00:55:03Z"`:                {},
		`"yesterday"`:                           {},
		`""`:                                    {},
		`null`:                                  {},
		`1615251303`:                            {},
		`{"seconds":1}`:                         {},
		`"2021-03-09T00:55:03Z and a bit"`:      {},
		`"` + strings.Repeat("2021-", 99) + `"`: {},
	} {
		var got moment
		require.NoError(t, json.Unmarshal([]byte(raw), &got), raw)
		require.True(t, want.Equal(got.Time), "%s became %s", raw, got)
		require.Equal(t, time.UTC, got.Location(), raw)
	}
}

func FuzzTimesNeverFail(f *testing.F) {
	for _, seed := range []string{
		"2021-03-09T00:55:03.923456", "2021-04-20T19:35:29.0749819Z", "9999-12-31T23:59:59.999999999-23:59", "", "null",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := parseTime(text)
		_, err := json.Marshal(got)
		require.NoError(t, err, "what was read can be written")
		require.Equal(t, time.UTC, got.Location())
	})
}
