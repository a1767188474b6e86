package pagesapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Logs are what a build has written so far.
type Logs struct {
	Lines []LogLine
	// Total is the API's own count, which may differ from the number of Lines:
	// never index by it.
	Total int
}

// A LogLine is one line of a build's log. Its text is as the build wrote it:
// it may be empty, and may hold control sequences.
type LogLine struct {
	// Time is zero where it could not be read.
	Time time.Time
	Text string
}

// Logs returns the log of the deployment's build, of at most 32 MiB.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/subresources/history/subresources/logs/methods/get/.
func (c *Client) Logs(ctx context.Context, project, id string) (Logs, error) {
	call := c.deploymentCall("get deployment logs", http.MethodGet, project, id, "history", "logs")
	if err := checkDeployment(call.op, project, id); err != nil {
		return Logs{}, err
	}
	call.limit = logsLimit
	return one(ctx, c, call, decodeLogs)
}

func decodeLogs(raw json.RawMessage) (Logs, error) {
	var w wireLogs
	if err := decodeObject(raw, &w); err != nil {
		return Logs{}, err
	}
	logs := Logs{Total: w.Total, Lines: make([]LogLine, 0, len(w.Data))}
	for _, row := range w.Data {
		logs.Lines = append(logs.Lines, LogLine{Time: row.Time.Time, Text: row.Line})
	}
	return logs, nil
}
