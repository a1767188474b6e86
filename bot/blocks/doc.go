// Package blocks owns how things look in Slack: cards, replies, answers and
// modals. It is pure: the same state gives the same blocks. It refuses to know
// how a message is sent, and what a press leads to.
//
// Texts from outside, such as branch names, commit messages, log lines and API
// errors, only ever stand in plain_text and rich_text elements, which Slack
// shows literally, also in confirmations. The one text that is read as mrkdwn,
// a message's own for notifications and screen readers, is escaped. Nobody is
// mentioned but the people who asked for something, agreed to it, locked it or may
// agree to it, by their ids. The quiet lines of a card, which take no rich text,
// are mrkdwn made of such ids and times alone.
package blocks
