package blocks_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

var update = flag.Bool("update", false, "draw the golden files anew")

const goldens = "testdata/golden"

// drawn is one thing that people see: a message or a modal. Of a card, a reply
// and a problem it is known what was drawn.
type drawn struct {
	message blocks.Message
	modal   *slack.ModalViewRequest
	home    *slack.HomeTabViewRequest
	card    *deploy.Card
	reply   *deploy.Message
	problem *deploy.Problem
}

func shown(c deploy.Card, s blocks.Style) drawn { return drawn{message: blocks.Card(c, s), card: &c} }

func replied(m deploy.Message, s blocks.Style) drawn {
	return drawn{message: blocks.Reply(m, s), reply: &m}
}

func said(m blocks.Message) drawn { return drawn{message: m} }

func opened(m slack.ModalViewRequest) drawn { return drawn{modal: &m} }

func published(v slack.HomeTabViewRequest) drawn { return drawn{home: &v} }

// encoded is what Slack gets, laid out to be read.
func (d drawn) encoded(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if d.modal != nil {
		require.NoError(t, encoder.Encode(d.modal))
		return out.Bytes()
	}
	if d.home != nil {
		require.NoError(t, encoder.Encode(d.home))
		return out.Bytes()
	}
	require.NoError(t, encoder.Encode(struct {
		Text   string        `json:"text"`
		Blocks []slack.Block `json:"blocks"`
	}{d.message.Text, d.message.Blocks}))
	return out.Bytes()
}

// everything is all that is drawn, by the name of its golden file.
func everything() map[string]drawn {
	all := map[string]drawn{}
	for room, cases := range map[string]map[string]drawn{
		"card": cards(), "reply": replies(), "answer": answers(), "modal": modals(), "picker": pickers(), "glance": glances(), "home": homes(),
	} {
		for name, d := range cases {
			all[room+"/"+strings.ReplaceAll(name, " ", "-")+".json"] = d
		}
	}
	return all
}

func TestGolden(t *testing.T) {
	t.Parallel()
	all := everything()
	if *update {
		require.NoError(t, os.RemoveAll(goldens))
	}
	for name, d := range all {
		path := filepath.Join(goldens, name)
		got := d.encoded(t)
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, got, 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err, "draw it with make golden")
		require.Equal(t, string(want), string(got), name)
	}
	require.Equal(t, slices.Sorted(maps.Keys(all)), goldenFiles(t), "every golden file is of something that is drawn")
}

func goldenFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	require.NoError(t, fs.WalkDir(os.DirFS(goldens), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	slices.Sort(names)
	return names
}
