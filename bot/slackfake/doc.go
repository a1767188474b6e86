// Package slackfake is a Slack workspace for tests and for the sandbox: its Web API, Socket Mode over a real
// WebSocket, response URLs, uploads, and hands that type and press as people do. It refuses to know the bot: it
// imports nothing of this project, speaks Slack's wire format only, and enforces Slack's own limits so that a
// bot's mistakes show here before they show there.
//
// A Server is an http.Handler. It starts nothing until a socket connects, keeps its state in memory, and derives
// every id and secret from its start time and a counter, so that two runs with the same clock are the same run.
// It uses only net.Conn deadlines and package time, and therefore also runs inside a testing/synctest bubble over
// in-memory connections.
//
// Where Slack's documentation leaves a choice, the fake takes the one that catches more bugs; such places say so.
package slackfake
