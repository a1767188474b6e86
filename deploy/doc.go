// Package deploy owns the life of a deployment: from somebody's request,
// through the one gate that every change passes, to the outcome that is told
// in its thread. It refuses to know how people are reached (bot), how things
// are remembered (store) and how authority is granted (auth): it states what
// it needs of them as small interfaces and they satisfy those.
//
// # How a change happens
//
// A request names what is wanted and the envelope that it came with. The
// service asks the [Authorizer], looks at Cloudflare whether the change makes
// sense, and records an [Action] together with the message that announces it.
// Only then, in a second step, is the action marked as calling and the POST
// made. The mark is what makes one request one effect: an action found in the
// state calling after a crash, or after a reply that never came, is never sent
// again. It is settled by looking at Cloudflare instead, in one of three ways:
// the deployment that the call made is adopted; a change that may safely be
// asked for twice (rollback, delete) is finished; or the thread says that
// nobody knows, and offers the button again.
//
// # How an outcome is found
//
// Followed deployments of one project share one list call. Each look compares
// what Cloudflare says with what is remembered; the difference becomes stored
// state and queued messages in one transaction. Only latest_stage and
// is_skipped decide whether a deployment has ended: see [Deployment.Outcome].
//
// # How others' deployments are heard
//
// A sweep goes over the account's list of projects, each of which carries its
// newest and its live deployment, and compares it with how it was last seen
// ([Sighting]). Where something is new and watched, the project's deployments are
// listed, each new one gets a thread in the channels that watch all, and is
// followed like any other. The sighting moves on in the transaction that told of
// it, so nothing is told twice or left out, whoever sweeps. What a call of ours
// may just be making waits for the next pass, which can tell whose it is.
//
// # How figures are made
//
// What ended is remembered, whoever started it, as far back as somebody asked:
// [Service.Stats] reads the older pages of a project's list once, keeps each, and
// remembers how far it has come. [Summarize] makes the figures and knows nothing
// of where the deployments come from.
//
// # How a live site is checked
//
// Where the policy has a [Check] for the project, the transaction that tells that a
// deployment went live begins a [Checking], with a job of its own. Each run asks
// anew what the policy says and what is live, and then asks the site once through
// the [Prober]. A check that failed is remembered before anything follows from it,
// so a process that dies goes on where it was. What follows is told, and is at most
// one request for a rollback, which passes the one gate like everybody's.
package deploy
