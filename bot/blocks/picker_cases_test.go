package blocks_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pagesbot/bot/blocks"
	"pagesbot/deploy"
)

const metadata = `{"channel":"C1"}`

// picking is what the picker shows for a choice.
func picking(verb, deployment string, more func(*blocks.Form)) drawn {
	f := blocks.Form{Pick: blocks.Pick{Verb: verb, Project: "docs", Deployment: deployment}}
	if more != nil {
		more(&f)
	}
	return opened(blocks.Picker(f, metadata, style()))
}

func planned(p deploy.Plan) func(*blocks.Form) { return func(f *blocks.Form) { f.Plan = &p } }

func refused(p *deploy.Problem) func(*blocks.Form) { return func(f *blocks.Form) { f.Problem = p } }

func deployPlan(branch string) deploy.Plan {
	return deploy.Plan{Kind: deploy.KindDeploy, Project: docs(), Branch: branch, From: new(live())}
}

func retryPlan() deploy.Plan {
	return deploy.Plan{Kind: deploy.KindRetry, Project: docs(), From: new(live()), Target: preview()}
}

// pickers are the modal of the bare slash command in each of its states.
func pickers() map[string]drawn {
	return map[string]drawn{
		"picker":                            opened(blocks.Picker(blocks.Form{}, metadata, style())),
		"picker with a project":             opened(blocks.Picker(blocks.Form{Pick: blocks.Pick{Project: "docs"}}, metadata, style())),
		"picker deploy":                     picking("deploy", "", planned(deployPlan("main"))),
		"picker deploy being looked up":     picking("deploy", "", func(f *blocks.Form) { f.Loading = true }),
		"picker deploy of a branch":         picking("deploy", "", func(f *blocks.Form) { f.Pick.Branch = "feature/x"; planned(deployPlan("feature/x"))(f) }),
		"picker deploy that needs others":   picking("deploy", "", planned(agreedTo(deployPlan("main")))),
		"picker deploy that is locked":      picking("deploy", "", refused(problems()["locked"])),
		"picker rollback being looked up":   picking("rollback", "", func(f *blocks.Form) { f.Loading = true }),
		"picker rollback":                   picking("rollback", "", planned(rollbackPlan())),
		"picker rollback without a way":     picking("rollback", "", refused(problems()["not possible"])),
		"picker retry":                      picking("retry", "", nil),
		"picker retry of a deployment":      picking("retry", previewID, planned(retryPlan())),
		"picker retry being looked up":      picking("retry", previewID, func(f *blocks.Form) { f.Loading = true }),
		"picker delete":                     picking("delete", "", nil),
		"picker delete of a deployment":     picking("delete", previewID, planned(deletePlan(2))),
		"picker delete that is not allowed": picking("delete", previewID, refused(problems()["not allowed by the policy"])),
		"picker status":                     picking("status", "", nil),
		"picker status of a deployment":     picking("status", previewID, nil),
		"picker logs":                       picking("logs", "", nil),
		"rollback with three ways":          opened(blocks.RollbackPicker(ways(3), metadata, style())),
		"rollback with ten ways":            opened(blocks.RollbackPicker(ways(10), metadata, style())),
		"rollback with ways and agreement":  opened(blocks.RollbackPicker(agreedWays(), metadata, style())),
		"rollback with ways from nothing":   opened(blocks.RollbackPicker(waysFromNothing(), metadata, style())),
	}
}

// ways are n ways back, the first of which is newer than what is live.
func ways(n int) deploy.Choices {
	c := deploy.Choices{Plan: rollbackPlan(), LiveSince: now.Add(-2 * time.Hour), More: n == 10}
	for i := range n {
		d := older()
		d.ID = fmt.Sprintf("%08x-0000-4000-8000-000000000000", i+1)
		d.CommitMessage = fmt.Sprintf("Change %d\n\nSigned-off-by: Ann Example <ann@example.com>", n-i)
		d.CreatedAt = now.Add(-time.Duration(i*7+1) * time.Hour)
		c.Ways = append(c.Ways, deploy.Way{Deployment: d, Back: i})
	}
	c.Ways[1].Deployment, c.Ways[1].Back = older(), 1
	c.Ways[n-1].Back = -1
	return c
}

func agreedWays() deploy.Choices {
	c := ways(3)
	c.Plan = agreedTo(c.Plan)
	return c
}

func waysFromNothing() deploy.Choices {
	c := ways(3)
	c.Plan.From, c.Plan.Project.Live, c.LiveSince = nil, nil, time.Time{}
	for i := range c.Ways {
		c.Ways[i].Back = 0
	}
	return c
}

// hostileWays have the longest of everything.
func hostileWays(d deploy.Deployment, plan deploy.Plan) deploy.Choices {
	d.CommitMessage += "\nSigned-off-by: " + flood(500)
	c := deploy.Choices{Plan: plan, LiveSince: now, More: true, Ways: slices.Repeat([]deploy.Way{{Deployment: d, Back: 1 << 40}}, 10)}
	for i := range c.Ways {
		c.Ways[i].Deployment.ID = fmt.Sprint(newID, i)
	}
	c.Ways[0].Deployment.ID = plan.Target.ID
	return c
}

// hostilePickers are the modals of hostile plans and problems.
func hostilePickers(name string, d deploy.Deployment, s blocks.Style) map[string]drawn {
	all := map[string]drawn{}
	p := deploy.Project{Name: strings.Repeat("p", 58), Live: &d, ProductionBranch: flood(1000), Git: true}
	for _, kind := range []deploy.Kind{deploy.KindDeploy, deploy.KindRollback, deploy.KindRetry, deploy.KindDelete} {
		plan := deploy.Plan{Kind: kind, Project: p, From: &d, Target: d, Branch: flood(1000), Force: true, Needs: hostileRequests()[0].Consent.Needs}
		pick := blocks.Pick{Verb: string(kind), Project: p.Name, Branch: strings.Repeat("ß", 255)}
		all["picker "+string(kind)+name] = opened(blocks.Picker(blocks.Form{Pick: pick, Plan: &plan}, strings.Repeat("m", 3000), s))
		all["picker problem "+string(kind)+name] = opened(blocks.Picker(blocks.Form{Pick: pick, Problem: hostileProblem(deploy.Locked)}, metadata, s))
		all["ways "+string(kind)+name] = opened(blocks.RollbackPicker(hostileWays(d, plan), strings.Repeat("m", 3000), s))
	}
	return all
}
