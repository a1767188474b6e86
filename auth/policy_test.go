package auth_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/auth"
	"pagesbot/deploy"
)

// decision is a wish and what becomes of it.
type decision struct {
	wish string
	// by are the rules that grant it, needs what they ask for, and why the refusal.
	by, needs, why string
	// next is part of what the refused are told to do.
	next string
}

// one is a policy of a single rule without a name, given as lines.
func one(lines ...string) string { return "rules:\n  - " + strings.Join(lines, "\n    ") + "\n" }

const sites = `
rules:
  - name: Web
    who: ["@web-team", USAM]
    may: [read, deploy, rollback]
    projects: [docs, "web-*"]
    environments: [production]
    branches: [main, "release/*"]
    channels: [C1]
    approvals:
      from: ["@leads"]
      within: 30m
  - name: Previews
    who: everyone
    may: [deploy, retry]
    environments: preview
  - name: Leads
    who: "@leads"
    may: write
`

func TestPolicy(t *testing.T) {
	t.Parallel()
	for story, c := range map[string]struct {
		policy    string
		settings  auth.Settings
		decisions []decision
	}{
		"a rule grants its verbs to its people and nothing else": {
			policy: one("who: UADA", "may: [read, deploy]"),
			decisions: []decision{
				{wish: "UADA read docs", by: "rule 1"},
				{wish: "UADA deploy docs preview feature/x C1", by: "rule 1"},
				{wish: "UADA retry docs preview feature/x C1", why: "no rule lets you retry deployments of docs in preview"},
				{wish: "UADA rollback docs production main C1", why: "no rule lets you roll back docs in production"},
				{wish: "UADA delete docs preview feature/x C1", why: "no rule lets you delete deployments of docs in preview"},
				{wish: "UADA lock docs", why: "no rule lets you lock docs"},
				{wish: "UADA approve docs production main C1", why: "no rule lets you approve changes of docs in production"},
				{wish: "UADA frobnicate docs", why: "no rule lets you do that"},
				{wish: "USAM read docs", why: "no rule covers you (your id is USAM)", next: "Ask somebody who may: <@UADA>. Or ask the people who run pagesbot for a rule that grants you read on docs."},
			},
		},
		"no verb implies another": {
			policy: one("who: UADA", "may: [deploy, rollback, delete, lock, approve]"),
			decisions: []decision{
				{wish: "UADA read docs", why: "no rule lets you look at docs"},
				{wish: "UADA retry docs production main", why: "no rule lets you retry"},
			},
		},
		"write is every verb": {
			policy: one("who: UADA", "may: write"),
			decisions: []decision{
				{wish: "UADA read docs", by: "rule 1"}, {wish: "UADA deploy docs production main", by: "rule 1"},
				{wish: "UADA retry docs preview x", by: "rule 1"}, {wish: "UADA rollback docs production main", by: "rule 1"},
				{wish: "UADA delete docs preview x", by: "rule 1"}, {wish: "UADA lock docs", by: "rule 1"},
				{wish: "UADA approve docs production main", by: "rule 1"},
			},
		},
		"projects by glob": {
			policy: one("who: UADA", "may: deploy", `projects: [docs, "web-*", "app-?"]`),
			decisions: []decision{
				{wish: "UADA deploy docs production main", by: "rule 1"},
				{wish: "UADA deploy docs2 production main", why: "no rule lets you deploy docs2 in production"},
				{wish: "UADA deploy my-docs production main", why: "no rule lets you"},
				{wish: "UADA deploy web-shop production main", by: "rule 1"},
				{wish: "UADA deploy web- production main", by: "rule 1"},
				{wish: "UADA deploy web production main", why: "no rule lets you"},
				{wish: "UADA deploy app-1 production main", by: "rule 1"},
				{wish: "UADA deploy app-12 production main", why: "no rule lets you"},
				{wish: "UADA deploy - production main", why: "you may deploy a project in production, but only for docs, web-* or app-?"},
				{wish: "UADA deploy Docs production main", why: "no rule lets you deploy that project in production"},
			},
		},
		"branches by glob, and a star crosses slashes": {
			policy: one("who: UADA", "may: deploy", `branches: [main, "release/*"]`),
			decisions: []decision{
				{wish: "UADA deploy docs production main", by: "rule 1"},
				{wish: "UADA deploy docs preview release/1.2", by: "rule 1"},
				{wish: "UADA deploy docs preview release/1.2/fix", by: "rule 1"},
				{wish: "UADA deploy docs preview release", why: "you may deploy docs in preview, but only on the branch main or release/*"},
				{wish: "UADA deploy docs preview mainline", why: "but only on the branch"},
				{wish: "UADA deploy docs preview Main", why: "but only on the branch"},
				{wish: "UADA deploy docs preview", why: "but only on the branch"},
				{wish: "UADA deploy docs early", by: "rule 1"},
				{wish: "UADA deploy docs - other - early", why: "but only on the branch"},
			},
		},
		"a lone star is every branch": {
			policy: one("who: UADA", "may: deploy", `branches: "*"`),
			decisions: []decision{
				{wish: "UADA deploy docs preview feature/x", by: "rule 1"},
				{wish: "UADA deploy docs preview", why: "but only on the branch *"},
			},
		},
		"a dot and a plus are themselves": {
			policy: one("who: UADA", "may: deploy", `branches: "v1.+x"`),
			decisions: []decision{
				{wish: "UADA deploy docs preview v1.+x", by: "rule 1"},
				{wish: "UADA deploy docs preview v11x", why: "but only on the branch"},
			},
		},
		"environments": {
			policy: one("who: UADA", "may: [deploy, lock]", "environments: preview"),
			decisions: []decision{
				{wish: "UADA deploy docs preview x", by: "rule 1"},
				{wish: "UADA deploy docs production main C1", why: "you may deploy docs, but only in preview"},
				{wish: "UADA deploy docs - x", why: "you may deploy docs, but only in preview"},
				{wish: "UADA deploy docs early", by: "rule 1"},
				{wish: "UADA lock docs early", why: "no rule lets you lock docs"},
			},
		},
		"a rollback is of production, early too": {
			policy: one("who: UADA", "may: [deploy, rollback]", "environments: [preview]"),
			decisions: []decision{
				{wish: "UADA rollback docs early", why: "no rule lets you roll back docs"},
				{wish: "UADA deploy docs early", by: "rule 1"},
			},
		},
		"channels": {
			policy: one("who: UADA", "may: rollback", "channels: [C1, C2]"),
			decisions: []decision{
				{wish: "UADA rollback docs production main C2", by: "rule 1"},
				{wish: "UADA rollback docs production main C3", why: "you may roll back docs in production, but only in #C1 or #C2", next: `Go there, or ask the people who run pagesbot for this channel in the rule "rule 1".`},
				{wish: "UADA rollback docs production main", why: "but only in #C1 or #C2"},
				{wish: "UADA rollback docs production main - early", by: "rule 1"},
			},
		},
		"the nearest rule is told": {
			policy: sites,
			decisions: []decision{
				{wish: "USAM rollback docs production main C2", why: "you may roll back docs in production, but only in #C1"},
				{wish: "USAM rollback docs production dev C2", why: "but only on the branch main or release/* and in #C1"},
				{wish: "USAM rollback shop production main C1", why: "no rule lets you roll back shop in production", next: "@leads"},
				{wish: "USAM retry docs production main C1", why: "you may retry deployments of docs, but only in preview"},
			},
		},
		"groups, everyone and ids": {
			policy: sites,
			decisions: []decision{
				{wish: "UADA rollback docs production main C1", by: "Web", needs: "Web: 1 of @leads within 30m0s"},
				{wish: "USAM rollback docs production main C1", by: "Web", needs: "Web: 1 of @leads within 30m0s"},
				{wish: "UADA read docs production main C1", by: "Web"},
				{wish: "UBOSS rollback docs production main C1", by: "Leads"},
				{wish: "UNEW deploy docs preview feature/x C9", by: "Previews"},
				{wish: "UBOSS deploy docs preview feature/x C9", by: "Previews, Leads"},
				{wish: "UNEW rollback docs production main C1", why: "no rule lets you roll back docs in production", next: "Ask somebody who may: @web-team, <@USAM>, @leads. Or ask the people who run pagesbot for a rule that grants you rollback on docs in production."},
			},
		},
		"what rules ask for adds up": {
			policy: `
rules:
  - {name: Free, who: everyone, may: deploy}
  - {name: Two, who: everyone, may: deploy, environments: production, approvals: {count: 2, from: ["@leads", UBOSS], within: 2d}}
  - {name: Quick, who: "@web-team", may: [deploy, read, lock, approve], approvals: {count: 1, from: [UBOSS, "@leads"], within: 10m}}
  - {name: Any, who: UADA, may: deploy, projects: docs, approvals: {}}
  - {name: Other project, who: UADA, may: deploy, projects: shop, approvals: {from: UBOSS}}
`,
			decisions: []decision{
				{wish: "USAM deploy docs preview x", by: "Free"},
				{wish: "USAM deploy docs production main", by: "Free, Two", needs: "Two: 2 of @leads, UBOSS within 48h0m0s"},
				{wish: "UWEB deploy docs production main", by: "Free, Two, Quick", needs: "Two: 2 of @leads, UBOSS within 10m0s"},
				{wish: "UWEB deploy docs preview x", by: "Free, Quick", needs: "Quick: 1 of UBOSS, @leads within 10m0s"},
				{wish: "UADA deploy docs preview x", by: "Free, Quick, Any", needs: "Quick: 1 of UBOSS, @leads within 10m0s; Any: 1 who may approve within 1h0m0s"},
				{wish: "UADA deploy shop preview x", by: "Free, Quick, Other project", needs: "Quick: 1 of UBOSS, @leads within 10m0s; Other project: 1 of UBOSS within 1h0m0s"},
				{wish: "UWEB read docs", by: "Quick"},
				{wish: "UWEB lock docs", by: "Quick"},
				{wish: "UWEB approve docs production main", by: "Quick"},
			},
		},
		"what a rule names, a wish without it does not have": {
			policy: one("who: UADA", "may: [read, lock]", "projects: docs", "environments: production"),
			decisions: []decision{
				{wish: "UADA read docs production main", by: "rule 1"},
				{wish: "UADA read docs", why: "you may look at docs, but only in production"},
				{wish: "UADA read docs early", by: "rule 1"},
				{wish: "UADA read early", by: "rule 1"},
				{wish: "UADA read", why: "you may look at projects, but only for docs and in production"},
				{wish: "UADA lock docs", why: "you may lock docs, but only in production"},
				{wish: "UADA lock docs production", by: "rule 1"},
			},
		},
		"guests, apps and others may where the file names their own id": {
			policy: `
rules:
  - {name: All, who: everyone, may: [read, deploy], approvals: {from: UBOSS}}
  - {name: Friends, who: [UGUEST, UROBOT, UFOREIGN, UGONE], may: deploy}
`,
			settings: named(guest, foreign, ada),
			decisions: []decision{
				{wish: "UGUEST deploy docs preview x", by: "Friends", needs: "All: 1 of UBOSS within 1h0m0s"},
				{wish: "UROBOT deploy docs preview x", by: "Friends", needs: "All: 1 of UBOSS within 1h0m0s"},
				{wish: "UFOREIGN deploy docs preview x", by: "Friends", needs: "All: 1 of UBOSS within 1h0m0s"},
				{wish: "UGONE deploy docs preview x", why: "your account is deactivated"},
				{wish: "UGUEST read docs", why: "guests may not use pagesbot"},
				{wish: "UROBOT read docs", why: "apps and workflows may not"},
				{wish: "UFOREIGN read docs", why: "you belong to another workspace"},
				{wish: "UADA read docs", by: "All, PAGESBOT_ALLOW_USERS"},
				{wish: "UADA lock docs", by: "PAGESBOT_ALLOW_USERS"},
			},
		},
		"an empty group is nobody": {
			policy: one(`who: ["@empty", "@no-such-group"]`, "may: write"),
			decisions: []decision{
				{wish: "UADA read docs", why: "no rule covers you", next: "Ask somebody who may: @empty, @no-such-group."},
			},
		},
		"the asker is not who to ask": {
			policy: one("who: [UADA, UBOSS]", "may: rollback", "channels: C1"),
			decisions: []decision{
				{wish: "UADA deploy docs production main C1", why: "no rule lets you deploy docs in production", next: "Ask the people who run pagesbot for a rule that grants you deploy on docs in production."},
				{wish: "USAM rollback docs production main C1", why: "no rule covers you", next: "Ask somebody who may: <@UADA>, <@UBOSS>. Or"},
			},
		},
		"five people are named at most": {
			policy: one("who: [U1, U2, U3, U4, U5, U6, U7]", "may: read"),
			decisions: []decision{
				{wish: "UADA read docs", why: "no rule covers you", next: "Ask somebody who may: <@U1>, <@U2>, <@U3>, <@U4>, <@U5>. Or ask"},
			},
		},
		"what was typed names nobody": {
			policy: one("who: UADA", "may: read"),
			decisions: []decision{
				{wish: "UADA deploy <@UBOSS> production <@UBOSS>", why: "no rule lets you deploy that project in production"},
				{wish: "UADA deploy docs <!here> <@UBOSS>", why: "no rule lets you deploy docs"},
			},
		},
	} {
		t.Run(story, func(t *testing.T) {
			t.Parallel()
			a := authority(parsed(t, c.policy, c.settings), newWorkspace(), nil)
			for _, d := range c.decisions {
				grant, err := a.Authorize(t.Context(), wish(t, d.wish))
				if d.why != "" {
					problem := refused(t, err)
					require.Contains(t, problem.Why, d.why, d.wish)
					require.Contains(t, problem.Next, d.next, d.wish)
					require.Empty(t, grant, d.wish)
					continue
				}
				require.NoError(t, err, d.wish)
				require.Equal(t, d.by, strings.Join(grant.Rules, ", "), d.wish)
				require.Equal(t, d.needs, told(grant.Needs), d.wish)
			}
		})
	}
}

// told are needs in words.
func told(needs []deploy.Need) string {
	out := make([]string, 0, len(needs))
	for _, n := range needs {
		who := "who may approve"
		if len(n.From) > 0 {
			who = "of " + strings.Join(n.From, ", ")
		}
		out = append(out, fmt.Sprintf("%s: %d %s within %s", n.Rule, n.Count, who, n.Within))
	}
	return strings.Join(out, "; ")
}
