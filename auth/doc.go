// Package auth owns who may do what, where, and who must agree. It refuses to
// know how people and user groups are looked up and how anybody is told: it asks
// a [Directory] and [Handles], and answers in words.
//
// A [Policy] is a set of rules, and pure: from a wish and what is known about
// user groups follows what the rules say. Rules only grant. A wish is granted if
// one rule at least matches it in every respect, and nothing is granted
// otherwise. What rules ask for adds up: each rule that matches and wants others
// to agree is heard, whatever the other rules say.
//
// An [Authority] puts a policy to work: it finds out what the policy depends on
// and whether the account behind an id is one that may. [Live] keeps the policy
// that is in force while its file changes. [Groups] knows who is in a user group,
// and stops knowing it when Slack has not said so for too long.
//
// Whatever cannot be found out is no permission. It takes no agreement away
// either: a rule whose people are unknown grants nothing and still asks for what
// it asks for.
package auth
