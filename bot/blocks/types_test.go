package blocks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// installedTypes is where `npm ci` puts @slack/types and the compiler.
const installedTypes = "testdata/types"

// TestSlacksOwnTypesTakeEveryGolden compiles each golden as what its author would
// have written in TypeScript: with @slack/types, strictly, as literals, so that a
// field which a block does not have is an error too.
func TestSlacksOwnTypesTakeEveryGolden(t *testing.T) {
	t.Parallel()
	node, modules := compiler(t)
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	write("tsconfig.json", tsconfig(t, modules))
	write("meant.ts", meant)
	for _, name := range goldenFiles(t) {
		text, err := os.ReadFile(filepath.Join(goldens, name))
		require.NoError(t, err)
		write(strings.TrimSuffix(name, ".json")+".ts", typescript(t, text))
	}

	out, err := exec.CommandContext(t.Context(), node, filepath.Join(modules, "typescript", "bin", "tsc"), "--project", dir).CombinedOutput()
	require.NoError(t, err, string(out))
}

// compiler is Node and the directory of what it needs. Without them the test is
// skipped, or fails where CI says that nothing may be.
func compiler(t *testing.T) (node, modules string) {
	t.Helper()
	modules, err := filepath.Abs(filepath.Join(installedTypes, "node_modules"))
	require.NoError(t, err)
	node, err = exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(modules, "@slack", "types"))
	}
	if err == nil {
		return node, modules
	}
	const wanted = "this test needs Node and Slack's types: apt-get install nodejs npm, then npm ci --prefix bot/blocks/" + installedTypes
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s: %v", wanted, err)
	}
	t.Skipf("%s: %v", wanted, err)
	return "", ""
}

func tsconfig(t *testing.T, modules string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"compilerOptions": map[string]any{
			"strict": true, "noEmit": true, "target": "es2022", "module": "esnext", "moduleResolution": "bundler", "types": []string{},
			"lib": []string{"es2022"}, "skipLibCheck": true,
			"paths": map[string][]string{"@slack/types": {filepath.Join(modules, "@slack", "types", "dist", "index.d.ts")}},
		},
		"include": []string{"**/*.ts"},
	})
	require.NoError(t, err)
	return string(text)
}

// untyped are the blocks that Slack's documentation has and @slack/types 3.2.0 has
// not. They are left out; all else around them is compiled.
var untyped = []string{"data_visualization"}

// meant keeps the test honest: what is wrong is refused, and what is left out is
// really not known. Where one of these lines is no error any more, that is one.
var meant = `import type {KnownBlock, TaskCardBlock} from "@slack/types";
// @ts-expect-error There is no such block.
export const misspelt: KnownBlock[] = [{"type": "sectoin"}];
// @ts-expect-error A button has no colour.
export const coloured: KnownBlock[] = [{"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Retry"}, "colour": "red"}]}];
// @ts-expect-error A task has no such status.
export const late: TaskCardBlock[] = [{"type": "task_card", "task_id": "1", "title": "Build", "status": "late"}];
` + func() string {
	var lines strings.Builder
	for i, name := range untyped {
		fmt.Fprintf(&lines, "export const untyped%d: %q extends KnownBlock[\"type\"] ? never : true = true;\n", i, name)
	}
	return lines.String()
}()

// typescript is a golden as a module. To Slack's types a plan may hold any object,
// and a view any block, so these are held against their own types as well.
func typescript(t *testing.T, golden []byte) string {
	t.Helper()
	var drawn map[string]any
	require.NoError(t, json.Unmarshal(golden, &drawn))
	var blocks, tasks []any
	for _, b := range drawn["blocks"].([]any) {
		if !slices.Contains(untyped, b.(map[string]any)["type"].(string)) {
			blocks = append(blocks, b)
		}
	}
	visit(blocks, func(o map[string]any) {
		if o["type"] == "task_card" {
			tasks = append(tasks, o)
		}
	})
	var out strings.Builder
	declare := func(name, kind string, value any) {
		fmt.Fprintf(&out, "export const %s: %s = %s;\n", name, kind, literal(t, value))
	}
	out.WriteString("import type {HomeView, KnownBlock, ModalView, TaskCardBlock} from \"@slack/types\";\n")
	declare("blocks", "KnownBlock[]", blocks)
	declare("tasks", "TaskCardBlock[]", tasks)
	switch drawn["type"] {
	case "modal":
		declare("view", "ModalView", drawn)
	case "home":
		declare("view", "HomeView", drawn)
	default:
		declare("text", "string", drawn["text"])
	}
	return out.String()
}

// literal is a value as JSON, which is one in TypeScript too.
func literal(t *testing.T, value any) string {
	t.Helper()
	if list, ok := value.([]any); ok && list == nil {
		return "[]"
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(value))
	return strings.TrimSpace(out.String())
}
