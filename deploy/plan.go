package deploy

// Request is a change that somebody asks for.
type Request struct {
	// Envelope is the Slack envelope that asks; one envelope is one action.
	Envelope string
	Asker    Asker
	Kind     Kind
	Project  string
	// Branch is what to build; empty means the production branch.
	Branch string
	// Target is the deployment's id: for a rollback it may be empty, which means
	// the one that was live before.
	Target string
	// From is the live deployment that the person was shown when asked to
	// confirm; where it is set and no longer true, nothing is done.
	From string
	// Force is set where the person was told that aliases will stop working.
	Force bool
	// Press names the drawn button; see [Action].
	Press string
}

// Plan is what a request would change, from what to what. Modals and
// confirmations are worded from it.
type Plan struct {
	Kind    Kind
	Project Project
	// Branch is what a deploy would build.
	Branch string
	Target Deployment
	// From is what is live now, nil where nothing is.
	From *Deployment
	// Force is true where deleting takes aliases away from the target.
	Force bool
	// Needs are the agreements without which it is not done.
	Needs []Need
	// rules are those that allow it.
	rules []string
	// newest are the newest deployments, read for a change that makes one.
	newest []Deployment
}
