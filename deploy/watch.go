package deploy

import "time"

// Watch is a channel's wish to hear about deployments, whoever starts them.
type Watch struct {
	ID      string
	Channel string
	// Pattern is a glob over projects' names, of which a name is one.
	Pattern string
	// Environment is the one that is listened to; empty is both.
	Environment string
	// Branch is a glob over branches; empty is every branch.
	Branch string
	Mode   WatchMode
	// By is who asked for it, and in whose name it reads: what they may not read the
	// channel does not hear of.
	By Asker
	// Envelope is the one that asked for it, or last changed it.
	Envelope string
	// Thread is where it was announced.
	Thread string
	Since  time.Time
	// EndedAt is when it ended; zero as long as it holds.
	EndedAt time.Time
	// EndedBy is who ended it; empty where it ended by itself, and Failure says why.
	EndedBy string
	Failure WatchFailure
	// EndedIn is the envelope that ended it.
	EndedIn string
}

// WatchMode says which deployments a watch speaks about.
type WatchMode string

// The modes.
const (
	// WatchAll speaks when a deployment begins, and follows it to its end.
	WatchAll WatchMode = "all"
	// WatchFailures speaks of those that failed.
	WatchFailures WatchMode = "failures"
	// WatchChanges speaks when a branch that was built breaks, and when it is fixed.
	WatchChanges WatchMode = "changes"
)

// WatchFailure says why a watch ended by itself.
type WatchFailure string

// The failures.
const (
	// WatchUnreadable: who asked for it may not read any more.
	WatchUnreadable WatchFailure = "unreadable"
	// WatchUnheard: nothing can be posted in the channel.
	WatchUnheard WatchFailure = "unheard"
)

// covers reports whether a watch is about a deployment.
func (w Watch) covers(d Deployment) bool {
	return w.EndedAt.IsZero() && w.about(d.Project) &&
		(w.Environment == "" || w.Environment == d.Environment) &&
		(w.Branch == "" || NewGlob(w.Branch).Matches(d.Branch))
}

// about reports whether a watch is about a project. Each project is compared with
// each watch at every pass, and most patterns are names.
func (w Watch) about(project string) bool {
	return w.Pattern == project || IsGlob(w.Pattern) && NewGlob(w.Pattern).Matches(project)
}

// sameScope reports whether two watches are about the same.
func (w Watch) sameScope(other Watch) bool {
	return w.Channel == other.Channel && w.Pattern == other.Pattern && w.Environment == other.Environment && w.Branch == other.Branch
}

// News says what a thread that was begun for a watch is about.
type News string

// The news.
const (
	// NewsStarted: a deployment was started.
	NewsStarted News = ""
	// NewsMoved: production was moved to another deployment by hand.
	NewsMoved News = "moved"
	// NewsDeleted: a deployment was deleted elsewhere.
	NewsDeleted News = "deleted"
)

// Sighting is a project as a sweep last saw it on the account's list.
type Sighting struct {
	Project Project
	SeenAt  time.Time
	// Newest is when the newest deployment that was ever seen was created, and
	// NewestIDs are those that were created at that very instant.
	Newest    time.Time
	NewestIDs []string
	// ListedAt is when its deployments were last listed, not only the project.
	ListedAt time.Time
	// LiveSince is when what is live was first seen to be.
	LiveSince time.Time
	// LastFailed is the last deployment that was seen to have failed.
	LastFailed *Deployment
}

// Standing is how the newest deployment of a branch that succeeded or failed ended.
type Standing struct {
	Project     string
	Environment string
	Branch      string
	Outcome     Outcome
	// Deployment is the one that ended so, CreatedAt when that was created.
	Deployment string
	CreatedAt  time.Time
	// Broken is the first one that failed since the branch was last well, BrokenAt
	// when it did, and Reports are the threads that told of it, one a channel.
	Broken   string
	BrokenAt time.Time
	Reports  []string
}

// SweepMark is where a pass over the account's projects has come to.
type SweepMark struct {
	// Page is the next page of the list, from 1 on; 0 begins a pass.
	Page int `json:"page,omitempty"`
	// Began is when the pass began.
	Began time.Time `json:"began,omitzero"`
}
