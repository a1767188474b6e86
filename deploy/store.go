package deploy

import (
	"context"
	"errors"
	"time"
)

// Reader reads what is remembered. Missing things are a zero value and false.
type Reader interface {
	Action(ctx context.Context, id string) (Action, bool, error)
	ActionByEnvelope(ctx context.Context, envelope string) (Action, bool, error)
	// ActionByPress is the newest action of one drawn button that was not
	// refused and is not unknown.
	ActionByPress(ctx context.Context, press string) (Action, bool, error)
	// ActiveAction is the newest action of that kind on that project and
	// target which may still lead to something.
	ActiveAction(ctx context.Context, kind Kind, project, target string) (Action, bool, error)
	// ActionByResult is the newest action that made or moved the deployment.
	ActionByResult(ctx context.Context, project, deployment string) (Action, bool, error)
	// LostActions are the actions of a project in state calling whose LostAt is
	// set, oldest first.
	LostActions(ctx context.Context, project string) ([]Action, error)

	Deployment(ctx context.Context, project, id string) (Deployment, bool, error)
	// DeploymentsLike are remembered deployments whose id or short id is ref,
	// in all projects, newest first, at most 20.
	DeploymentsLike(ctx context.Context, ref string) ([]Deployment, error)
	// CreatedSince are the remembered deployments of a project that were created
	// since a time, newest first, also those that are gone.
	CreatedSince(ctx context.Context, project string, since time.Time) ([]Deployment, error)
	// Known is how much of a project's list of deployments was read.
	Known(ctx context.Context, project string) (Known, bool, error)
	// Followed are the deployments of a project that are being followed.
	Followed(ctx context.Context, project string) ([]Followed, error)
	// AllFollowed are those of all projects, by project.
	AllFollowed(ctx context.Context) ([]Followed, error)

	Thread(ctx context.Context, id string) (Thread, bool, error)
	// ThreadsOf are the threads that show a deployment.
	ThreadsOf(ctx context.Context, project, deployment string) ([]Thread, error)

	// Requested are the actions of a project that wait for agreement, oldest first.
	Requested(ctx context.Context, project string) ([]Action, error)
	// AllRequested are those of all projects.
	AllRequested(ctx context.Context) ([]Action, error)
	// LastLock is the newest lock of a project, whether it still holds or not.
	LastLock(ctx context.Context, project string) (Lock, bool, error)
	// Lock finds a lock by its id.
	Lock(ctx context.Context, id string) (Lock, bool, error)
	// HeldLocks are the locks of all projects that were not lifted, by project, the
	// newest of each last.
	HeldLocks(ctx context.Context) ([]Lock, error)
	// RecentThreads are the newest threads of a project, at most limit.
	RecentThreads(ctx context.Context, project string, limit int) ([]Thread, error)
	// History selects events.
	History(ctx context.Context, q HistoryQuery) ([]Event, error)
	// Happened reports whether the history has an event of that key.
	Happened(ctx context.Context, key string) (bool, error)

	// LiveHistory is the ids of the deployments that served production, the
	// present one first, at most 10, each run of the same id once.
	LiveHistory(ctx context.Context, project string) ([]string, error)

	// Lives are what serves production of each project, as far as a change of ours,
	// or a card, looked.
	Lives(ctx context.Context) ([]Live, error)

	// Outage is what is remembered while a project cannot be looked at.
	Outage(ctx context.Context, project string) (Outage, bool, error)

	// Watch finds a watch by its id.
	Watch(ctx context.Context, id string) (Watch, bool, error)
	// Watches are the watches that hold, oldest first: those of a channel, or all
	// where it is empty.
	Watches(ctx context.Context, channel string) ([]Watch, error)
	// WatchThreads are the threads that were begun for a watch in a project since a
	// time, newest first.
	WatchThreads(ctx context.Context, watch, project string, since time.Time) ([]Thread, error)
	// LastWatchThread is the newest thread that was begun for a watch.
	LastWatchThread(ctx context.Context, watch string) (Thread, bool, error)
	// Sighting is a project as it was last seen; Sightings are all, by name.
	Sighting(ctx context.Context, project string) (Sighting, bool, error)
	Sightings(ctx context.Context) ([]Sighting, error)
	// Visited reports whether anybody opened the Home tab at that time or later.
	Visited(ctx context.Context, since time.Time) (bool, error)
	// Standing is how a branch last ended.
	Standing(ctx context.Context, project, environment, branch string) (Standing, bool, error)
	// Calling are the actions of a project whose call may be under way.
	Calling(ctx context.Context, project string) ([]Action, error)
	// DeploymentsSince are the remembered deployments of a project that were
	// created at that time or later and are not gone, newest first.
	DeploymentsSince(ctx context.Context, project string, at time.Time) ([]Deployment, error)

	// Checking finds a check that is under way by its id.
	Checking(ctx context.Context, id string) (Checking, bool, error)
}

// Followed is a deployment that is looked at until it ends.
type Followed struct {
	Deployment Deployment
	// Since is when following began; ChangedAt is when a look last found news.
	Since     time.Time
	ChangedAt time.Time
	// Tailed is how many lines of its log were told while it is being built, TailedAt
	// when the log was last read for that.
	Tailed   int
	TailedAt time.Time
}

// Live is a deployment that serves production.
type Live struct {
	Project    string
	Deployment string
	// Since is when it was first seen to.
	Since time.Time
}

// Tx is a transaction: what it writes and the messages and work that it queues
// stand or fall together.
type Tx interface {
	Reader
	// SaveAction inserts or updates by id. A second action for an envelope is
	// [ErrDuplicate].
	SaveAction(ctx context.Context, a Action) error
	// SaveThread inserts or updates by id; an empty Root or Tail never overwrites.
	SaveThread(ctx context.Context, t Thread) error
	// SaveDeployment inserts or updates by project and id. It leaves alone
	// whether the deployment is followed.
	SaveDeployment(ctx context.Context, d Deployment) error
	// SaveKnown inserts or updates by project. It is forgotten together with a
	// deployment that figures could still be about.
	SaveKnown(ctx context.Context, project string, k Known) error
	// Follow begins to follow a saved deployment and wakes the project's job.
	Follow(ctx context.Context, project, deployment string) error
	// Unfollow ends that.
	Unfollow(ctx context.Context, project, deployment string) error
	// SaveTail remembers of a deployment how many lines of its log were told, and
	// when it was read.
	SaveTail(ctx context.Context, project, deployment string, lines int, at time.Time) error
	// Wake has the project looked at now, although nothing new is followed.
	Wake(ctx context.Context, project string) error
	// SaveLive remembers which deployment serves production; it reports
	// whether that is news.
	SaveLive(ctx context.Context, project, deployment string, at time.Time) (bool, error)
	// SaveOutage inserts or updates by project; EndOutage forgets it.
	SaveOutage(ctx context.Context, o Outage) error
	EndOutage(ctx context.Context, project string) error
	// SaveChecking inserts or updates by id; EndCheck forgets it.
	SaveChecking(ctx context.Context, c Checking) error
	EndCheck(ctx context.Context, id string) error
	// Check has a check made by a job of its own.
	Check(ctx context.Context, id string) error
	// Claim keeps every other transaction that claims the project waiting until
	// this one ends. What is read after it is what is true when this one commits.
	Claim(ctx context.Context, project string) error
	// SaveLock inserts or updates by id.
	SaveLock(ctx context.Context, l Lock) error
	// SaveWatch inserts or updates by id.
	SaveWatch(ctx context.Context, w Watch) error
	// SaveSighting inserts or updates by project, SaveStanding by its three names.
	SaveSighting(ctx context.Context, s Sighting) error
	SaveStanding(ctx context.Context, s Standing) error
	// ForgetSightings forgets the projects that were last seen before a time.
	ForgetSightings(ctx context.Context, before time.Time) error
	// Sweep has the account's projects looked at now.
	Sweep(ctx context.Context) error
	// Record adds an event to the history; one whose key is there already is not
	// added again.
	Record(ctx context.Context, e Event) error
	// Carry has an approved action carried out by a job of its own.
	Carry(ctx context.Context, action string) error
	// EndAt has a lock or the waiting of an action looked at when its time has come.
	EndAt(ctx context.Context, id string, at time.Time) error
	// Queue adds a message to its thread and wakes the thread's delivery. A
	// card that already waits there unsent makes another one needless, and a tail that does is replaced.
	Queue(ctx context.Context, m Message) error
}

// Why something could not be stored, where people are told more than that.
var (
	// ErrFull means that there is no room left; nothing was written.
	ErrFull = errors.New("the disk is full")
	// ErrInDoubt means that the database went away while it wrote: whether it has
	// written nobody knows before it is back.
	ErrInDoubt = errors.New("nobody knows whether it was written")
)

// Store remembers. It is one of the seams that the store package satisfies.
type Store interface {
	Reader
	// Update runs fn in one transaction, which is committed when fn returns
	// nil. fn may run again where the database asks for it, so it has no
	// effects beyond the transaction.
	Update(ctx context.Context, fn func(tx Tx) error) error
}

// Notifier sends what waits for a thread: the bot satisfies it, and the store's
// engine calls it. A positive wait means that Slack asked to be left alone for
// so long; the call is then made again.
type Notifier interface {
	Deliver(ctx context.Context, thread string) (wait time.Duration, err error)
}
