// Package bot owns Slack's edge: what people type, press and read. It refuses
// to know what a change does to a deployment (deploy), who may ask for it
// (auth) and how anything is kept (store).
//
// # From an envelope to an answer
//
// A [Listener] reads envelopes from Socket Mode, has each recorded together
// with the job that will handle it, and only then acknowledges it. What needs
// no looking up, such as help or a typing mistake, is answered inside the
// acknowledgement itself. Everything else is handled by [Bot.Handle], which
// may run again after a crash and does nothing twice. Events that nobody waits
// for, such as a link that was posted, take the same road and are never answered.
//
// # From what is so to a Home tab
//
// Somebody who opens the Home tab is remembered. [Bot.Refresh] draws such tabs
// anew where they no longer show what is so, at a pace that Slack allows.
//
// # From news to a message
//
// The [Courier] sends what the rest of the house has queued for a thread, in
// order. What it was sending when the process died is looked up in Slack by
// the message's metadata before it is sent again.
package bot
