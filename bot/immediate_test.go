package bot

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
)

// A bare slash command asks for nothing yet, so it is recorded like any other
// that has to be carried out.
func TestOnlyWhatNeedsNoLookingUpIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"help": true, "help watch": true, "dance": true, "watch": true,
		"": false, "  ": false, "watch docs": false, "watches": false, "stats docs": false, "rollback docs": false,
	} {
		_, ok := immediate(inbound{Kind: kindCommand, Command: "/pages", Text: text})
		require.Equal(t, want, ok, "%q", text)
	}
}

func TestWhyARequestWasNotTakenIsSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err           error
		title         string
		words, others string
	}{
		"nobody knows more": {errors.New("broken"), "Not done", "Nothing was done. Try again in a minute", "disk"},
		"the disk is full":  {fmt.Errorf("record: %w", deploy.ErrFull), "Not done", "the disk on which pagesbot keeps its records is full. Nothing was done. Tell the people who run pagesbot to make room", "minute"},
		"it is in doubt":    {fmt.Errorf("record: %w", deploy.ErrInDoubt), "Not certain", "Look whether that has happened before you try again", "Nothing was done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := inbound{Kind: kindCommand, Command: "/pages", Text: "deploy docs"}
			m := unrecorded(in, c.err)
			require.Contains(t, m.Text, c.words)
			require.NotContains(t, m.Text, c.others)
			view := unrecordedModal(in, c.err)
			require.Equal(t, c.title, view.Title.Text)
			require.Len(t, view.Blocks.BlockSet, len(m.Blocks))
		})
	}
}
