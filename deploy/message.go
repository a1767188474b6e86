package deploy

import "time"

// Thread is one message in a channel with what was said under it. It shows
// one deployment, one action, or an action that becomes a deployment.
type Thread struct {
	ID      string
	Channel string
	// Root is the Slack timestamp of the top message; empty until it is posted.
	Root string
	// Tail is that of the reply that shows the log of a build; empty until it is
	// posted.
	Tail       string
	Project    string
	Deployment string
	Action     string
	// Lock is the lock that the thread is about; it has no deployment then.
	Lock string
	// Watch is the watch for which the thread was begun. Without a deployment the
	// thread is the watch's own.
	Watch string
	// News is what such a thread is about, and From what was live before it.
	News News
	From string
	// Awaits is true as long as such a thread waits for its deployment's end.
	Awaits    bool
	CreatedAt time.Time
	// Lost says why nothing can be posted in the thread; empty as long as it can.
	Lost string
}

// MessageKind says what a queued message is.
type MessageKind string

// The kinds of message.
const (
	// CardMessage posts the thread's top message or edits it in place. It has
	// no content: the card is drawn from the stored state when it is sent, so
	// one that still waits stands for all later ones.
	CardMessage MessageKind = "card"
	// StagesMessage tells the stage changes of one look.
	StagesMessage MessageKind = "stages"
	// LogMessage shows the end of a failed build's log.
	LogMessage MessageKind = "log"
	// LogFileMessage attaches the whole log, read when it is sent.
	LogFileMessage MessageKind = "log_file"
	// TailMessage shows the end of a log while it is being written: the first posts
	// a reply, the later ones edit it in place. One that still waits gives way to
	// the next. The last says how the build ended; where nobody saw an earlier one
	// it is needless.
	TailMessage MessageKind = "tail"
	// OutcomeMessage is the last word on a deployment or an action.
	OutcomeMessage MessageKind = "outcome"
	// NoteMessage is a sentence of ours.
	NoteMessage MessageKind = "note"
	// CheckMessage tells what a check of the live site found.
	CheckMessage MessageKind = "check"
)

// Message is something to be said in a thread, in order, once.
type Message struct {
	Thread string
	// Seq orders the messages of a thread, from 1. The store assigns it.
	Seq  int64
	Kind MessageKind
	Body Body
	// Sending is true where an earlier attempt may have reached Slack.
	Sending bool
}

// Body is the content of a message; which fields matter depends on its kind.
type Body struct {
	Changes []StageChange `json:"changes,omitempty"`
	// Excerpt is what a log says about a failure.
	Excerpt
	Stage      string        `json:"stage,omitempty"`
	Project    string        `json:"project,omitempty"`
	Outcome    Outcome       `json:"outcome,omitempty"`
	Kind       Kind          `json:"kind,omitempty"`
	Deployment string        `json:"deployment,omitempty"`
	From       string        `json:"from,omitempty"`
	Duration   time.Duration `json:"duration,omitempty"`
	Live       bool          `json:"live,omitempty"`
	Reason     string        `json:"reason,omitempty"`
	Note       Note          `json:"note,omitempty"`
	User       string        `json:"user,omitempty"`
	// Missing counts whose agreement is still needed.
	Missing int `json:"missing,omitempty"`
	// Author is who wrote the commit, where it says so.
	Author string `json:"author,omitempty"`
	// Loud shows the reply in the channel as well.
	Loud bool `json:"loud,omitempty"`
	// Check is what a check of the live site found.
	Check *CheckReport `json:"check,omitempty"`
}

// Closes reports whether a tail is the last one of its build.
func (b Body) Closes() bool { return b.Outcome != Running || b.Note != "" }

// Note names a sentence, so that the wording stays where people are spoken to.
type Note string

// The notes.
const (
	// NoteLost: the reply to a change was lost; we look before we act.
	NoteLost Note = "lost"
	// NoteAdopted: the deployment that the lost call made was found.
	NoteAdopted Note = "adopted"
	// NoteUnknown: it was not found, and nobody knows.
	NoteUnknown Note = "unknown"
	// NoteRefused: the change had no effect; Reason says why.
	NoteRefused Note = "refused"
	// NoteWaiting: Cloudflare's rate limit holds the change back.
	NoteWaiting Note = "waiting"
	// NoteRetried: somebody (User) retried this deployment as Deployment.
	NoteRetried Note = "retried"
	// NoteAgreed: somebody (User) agreed; Missing more are needed.
	NoteAgreed Note = "agreed"
	// NoteDenied: somebody (User) said no.
	NoteDenied Note = "denied"
	// NoteWithdrawn: the asker (User) took it back.
	NoteWithdrawn Note = "withdrawn"
	// NoteExpired: too few agreed in time.
	NoteExpired Note = "expired"
	// NoteOvertaken: the project changed meanwhile; Reason says how.
	NoteOvertaken Note = "overtaken"
	// NoteLocked: the holder (User) changed the lock.
	NoteLocked Note = "locked"
	// NoteUnlocked: the lock ended, by somebody (User) or by itself.
	NoteUnlocked Note = "unlocked"
	// NoteBlind: Cloudflare has not answered for Duration.
	NoteBlind Note = "blind"
	// NoteBarred: it has refused our token for Duration.
	NoteBarred Note = "barred"
	// NoteThrottled: its rate limit has kept us from looking for Duration.
	NoteThrottled Note = "throttled"
	// NoteSighted: it answers again, after Duration.
	NoteSighted Note = "sighted"
	// NoteSuperseded: From is no longer shown, since Deployment of its branch followed.
	NoteSuperseded Note = "superseded"
	// NoteFixed: Deployment succeeded where From had failed.
	NoteFixed Note = "fixed"
	// NoteDeletedElsewhere: the deployment was deleted, and not by us.
	NoteDeletedElsewhere Note = "deleted_elsewhere"
	// NoteWatched: somebody (User) changed the watch.
	NoteWatched Note = "watched"
	// NoteUnwatched: it ended, by somebody (User) or by itself; Reason is a
	// [WatchFailure] then.
	NoteUnwatched Note = "unwatched"
	// NoteStuck: the deployment did not end within a day and is left alone.
	NoteStuck Note = "stuck"
)

// Card is what a thread's top message shows, read from the store when it is
// drawn.
type Card struct {
	Thread     Thread
	Action     *Action
	Deployment *Deployment
	// Live is true where the deployment serves production.
	Live bool
	// LiveNow is the deployment that serves production, where known.
	LiveNow *Deployment
	// Previous is what served production before LiveNow, where known.
	Previous *Deployment
	// Retry is the newest retry of the deployment that was not refused.
	Retry *Action
	// From is what was live when the action was asked for, where known.
	From *Deployment
	// Lock is the lock of the project that holds, or that the thread is about; nil
	// where there is none.
	Lock *Lock
	// Watch is the watch for which the thread was begun, where it was.
	Watch *Watch
}
