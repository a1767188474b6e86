package pagesfake

import (
	"slices"
	"strings"
	"time"
)

type logLine struct {
	at   time.Time
	text string
}

// HoldLogs keeps every log back until its build is over, or no longer. What the
// real API does is not known.
func (s *Server) HoldLogs(hold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holdLogs = hold
}

// getLogs answers with the lines written by now. The total is one short, as it
// was once seen to be.
func (s *Server) getLogs(c call) reply {
	logs := wireLogs{Data: []wireLogLine{}}
	if s.holdLogs && !c.deployment.terminal(c.now) {
		return succeed(logs)
	}
	for _, l := range c.deployment.lines {
		if l.at.After(c.now) {
			break
		}
		logs.Data = append(logs.Data, wireLogLine{TS: l.at.Format(sevenDigits), Line: l.text})
	}
	if size, ok := positive(c.query, "size", len(logs.Data)); ok {
		logs.Data = logs.Data[:min(size, len(logs.Data))]
	}
	logs.Total = max(len(logs.Data)-1, 0)
	logs.IncludesContainerLogs = len(logs.Data) > 0
	return succeed(logs)
}

// logFor writes the whole log of a planned build, each line at its time.
func logFor(d *deployment, end ending, extra []string) []logLine {
	var lines []logLine
	for stage, s := range d.spans {
		texts := stageLog(stage, d.commit, d.branch)
		if stage == min(end.stage, build) {
			texts = slices.Concat(texts, extra)
		}
		texts = append(texts, closingLines(stage, s.outcome)...)
		lines = append(lines, spread(texts, s)...)
	}
	return lines
}

// spread gives each text its time within the stage, the last at its end.
func spread(texts []string, s span) []logLine {
	lines := make([]logLine, len(texts))
	for i, text := range texts {
		share := float64(i+1) / float64(len(texts))
		lines[i] = logLine{at: s.begin.Add(stretch(s.end.Sub(s.begin), share)), text: text}
	}
	return lines
}

func stageLog(stage int, c commit, branch string) []string {
	switch stage {
	case initialize:
		return []string{"Initializing build environment..."}
	case cloneRepo:
		return []string{
			"Cloning repository...",
			"From https://github.com/example/site",
			" * branch            " + c.hash + " -> FETCH_HEAD",
			"",
			"HEAD is now at " + c.hash[:min(7, len(c.hash))] + " " + firstLine(c.message),
			"",
		}
	case build:
		return []string{
			"Using build root directory: /",
			"Installing project dependencies: npm clean-install --progress=false",
			"",
			"added 211 packages, and audited 212 packages in 2s",
			"Executing user command: npm run build",
			"> site@1.0.0 build",
			"Building branch " + branch,
		}
	case deploy:
		return []string{
			"Validating asset output directory",
			"Deploying your site to Cloudflare's global network...",
			"Uploading... (14/14)",
			"✨ Success! Uploaded 2 files (12 already uploaded) (0.84 sec)",
		}
	default:
		return nil
	}
}

// closingLines end a stage; a canceled one just stops.
func closingLines(stage int, outcome status) []string {
	failed := [stageCount][]string{
		queued:     {"Failed: the build could not be queued"},
		initialize: {"Failed: an internal error occurred while initializing the build environment"},
		cloneRepo:  {"fatal: could not read from remote repository", "Failed: error occurred while fetching repository"},
		build: {
			"src/index.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'.",
			"npm error code ELIFECYCLE",
			"Failed: build command exited with code: 1",
		},
		deploy: {"Failed: an internal error occurred while publishing your assets"},
	}
	succeeded := [stageCount][]string{
		initialize: {"Success: Finished initializing build environment"},
		cloneRepo:  {"Success: Finished cloning repository files"},
		build:      {"Success: Build command completed"},
		deploy:     {"Success: Your site was deployed!"},
	}
	switch outcome {
	case success:
		return succeeded[stage]
	case failure:
		return failed[stage]
	default:
		return nil
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
