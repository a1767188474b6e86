package deploy

import (
	"regexp"
	"slices"
	"strings"
)

// Excerpt is the part of a log that people should read first.
type Excerpt struct {
	// Lines are that part, oldest first.
	Lines []string `json:"lines,omitempty"`
	// Before and After count the lines around it that are left out.
	Before int `json:"hidden,omitempty"`
	After  int `json:"after,omitempty"`
	// Error is the place in Lines of the first real error, from 1 on; 0 where none
	// was recognized, and then Lines are the end of the log.
	Error int `json:"error,omitempty"`
}

// The bounds of an excerpt.
const (
	excerptLines = 30
	// excerptLead is how much is shown before the error: what was being done.
	excerptLead  = 5
	excerptRunes = 400
)

// Excerpted picks the part of a failed build's log around its first real error,
// or the end of the log where no line looks like one.
func Excerpted(lines []LogLine) Excerpt {
	lines = written(lines)
	at := slices.IndexFunc(lines, func(l LogLine) bool { return isError(l.Text) })
	if at < 0 {
		begin := max(0, len(lines)-excerptLines)
		return Excerpt{Lines: texts(lines[begin:]), Before: begin}
	}
	begin := max(0, at-excerptLead)
	end := min(len(lines), begin+excerptLines)
	return Excerpt{Lines: texts(lines[begin:end]), Before: begin, After: len(lines) - end, Error: at - begin + 1}
}

// written is a log without the empty lines at its end.
func written(lines []LogLine) []LogLine {
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1].Text) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func texts(lines []LogLine) []string {
	list := make([]string, 0, len(lines))
	for _, l := range lines {
		text := []rune(l.Text)
		list = append(list, string(text[:min(len(text), excerptRunes)]))
	}
	return list
}

// isError reports whether a tool says in this line what broke the build. Colours
// are looked through. Lines that merely tell that another command failed, such as
// Cloudflare's own last ones, are none: what they are about stands before them.
func isError(text string) bool {
	text = strings.TrimSpace(colours.ReplaceAllString(text[:min(len(text), 4*excerptRunes)], ""))
	return text != "" && errorLine.MatchString(text)
}

var colours = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]")

// errorLine is how the tools of the field begin to say what is wrong. Each is
// anchored to how that tool writes it, because the bare word stands in the names
// of files and in counts such as "0 errors" as well.
var errorLine = regexp.MustCompile("(?:" + strings.Join([]string{
	`^npm (?:ERR!|error)`,
	`^ERR_PNPM_\w+`,
	`^error (?:\S+@\S+: )?[A-Z]`,                                                // yarn 1
	`^(?:➤ )?YN00(?:01|09|16|18|28|35|41|80): .*\S`,                             // yarn since 2: the codes that end an installation
	`\berror TS\d+:`,                                                            // tsc, vue-tsc
	`^(?:x |✗ |× )?(?:Build failed in|error during build:)`,                     // vite
	`^\[vite(?::[\w-]+)?\]:? .*(?:[Ff]ailed|[Ee]rror)`,                          // vite
	`^[✘X⨯] \[ERROR\]`,                                                          // esbuild, wrangler
	`^⨯ `, `^Failed to compile`, `^Type error:`, `^(?:> )?Build error occurred`, // next
	`^Error occurred prerendering page`,          // next
	`^Module not found:`,                         // webpack
	`^ERROR\s+\S`,                                // hugo, pnpm, webpack
	`(?:^|\d\d:\d\d:\d\d\s+)\[(?:ERROR|error)\]`, // astro
	`^Error: `, // hugo, node, many others
	`^(?:Uncaught )?(?:\w+\.)*\w*(?:Error|Exception)(?: \[\w+\])?: \S`,
	`^Traceback \(most recent call last\)`, `^fatal: `, `^panic: `, `^FATAL\b`,
	`heap out of memory`,
	`: (?:command )?not found$`, // the shell
}, "|") + ")")
