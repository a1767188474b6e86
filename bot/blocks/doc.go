// Package blocks owns how things look in Slack: cards, replies, answers and
// modals. It is pure: the same state gives the same blocks. It refuses to know
// how a message is sent, and what a press leads to.
//
// Texts from outside, such as branch names, commit messages, log lines and API
// errors, only ever stand in plain_text and rich_text elements, which Slack
// shows literally. Where mrkdwn is unavoidable (confirmations and the text for
// notifications) they are escaped and cleaned.
package blocks
