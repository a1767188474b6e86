package main

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheMonthBeforeTellsSomething(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	known := map[string]bool{}
	for _, p := range projects() {
		known[p.Name] = true
	}
	for project, list := range history() {
		require.True(t, known[project], project)
		for i, d := range list {
			require.Less(t, d.Age, month, "%s: %s", project, d.Message)
			if i > 0 {
				require.Less(t, d.Age, list[i-1].Age, "%s: %s comes in its turn", project, d.Message)
			}
		}
		require.Empty(t, list[len(list)-1].Outcome, "%s ends well", project)
	}
	require.Len(t, history()["docs"], 40)
	require.Len(t, history()["shop"], 25)

	// What broke was mended on its branch within half a day.
	docs := history()["docs"]
	for i, d := range docs {
		if d.Outcome != "failure" {
			continue
		}
		mended := slices.IndexFunc(docs[i:], func(after past) bool { return after.Branch == d.Branch && after.Outcome == "" })
		require.Positive(t, mended, d.Message)
		require.LessOrEqual(t, d.Age-docs[i+mended].Age, 12*time.Hour, d.Message)
	}
}
