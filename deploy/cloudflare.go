package deploy

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"pagesbot/pagesapi"
)

// Pages is what this package needs of Cloudflare; [pagesapi.Client] satisfies
// it. Cloudflare's types end in this file.
type Pages interface {
	Projects(ctx context.Context) iter.Seq2[pagesapi.Project, error]
	ListProjects(ctx context.Context, page int) (pagesapi.ProjectPage, error)
	Project(ctx context.Context, name string) (pagesapi.Project, error)
	ListDeployments(ctx context.Context, project string, opts pagesapi.ListOptions) (pagesapi.DeploymentPage, error)
	Deployment(ctx context.Context, project, id string) (pagesapi.Deployment, error)
	CreateDeployment(ctx context.Context, project, branch string) (pagesapi.Deployment, error)
	RetryDeployment(ctx context.Context, project, id string) (pagesapi.Deployment, error)
	RollbackDeployment(ctx context.Context, project, id string) (pagesapi.Deployment, error)
	DeleteDeployment(ctx context.Context, project, id string, force bool) error
	Logs(ctx context.Context, project, id string) (pagesapi.Logs, error)
}

// cloudflare speaks our words to Pages and turns its errors into problems.
type cloudflare struct{ pages Pages }

// background marks calls of our own, which stand back for people's.
func background(ctx context.Context) context.Context { return pagesapi.WithBackground(ctx) }

// maxProjects bounds how much of an account one command reads.
const maxProjects = 500

func (c cloudflare) projects(ctx context.Context) ([]Project, error) {
	var list []Project
	for p, err := range c.pages.Projects(ctx) {
		if err != nil {
			return nil, problem("List the projects", err)
		}
		if list = append(list, project(p)); len(list) == maxProjects {
			break
		}
	}
	return list, nil
}

// projectPage lists some of the projects, and says whether others follow.
func (c cloudflare) projectPage(ctx context.Context, page int) ([]Project, bool, error) {
	reply, err := c.pages.ListProjects(ctx, page)
	if err != nil {
		return nil, false, problem("List the projects", err)
	}
	list := make([]Project, 0, len(reply.Projects))
	for _, p := range reply.Projects {
		list = append(list, project(p))
	}
	return list, reply.More, nil
}

func (c cloudflare) project(ctx context.Context, name string) (Project, error) {
	p, err := c.pages.Project(ctx, name)
	if err != nil {
		return Project{}, problem("Look up the project "+name, err)
	}
	return project(p), nil
}

// page lists up to 25 deployments, newest first; an empty environment is both.
func (c cloudflare) page(ctx context.Context, name, environment string, page int) ([]Deployment, error) {
	reply, err := c.pages.ListDeployments(ctx, name, pagesapi.ListOptions{Environment: environment, Page: page, PerPage: pageSize})
	if err != nil {
		return nil, problem("List the deployments of "+name, err)
	}
	list := make([]Deployment, 0, len(reply.Deployments))
	for _, d := range reply.Deployments {
		list = append(list, deployment(name, d))
	}
	return list, nil
}

// pageSize is the most that Cloudflare gives in one page.
const pageSize = 25

func (c cloudflare) deployment(ctx context.Context, name, id string) (Deployment, error) {
	d, err := c.pages.Deployment(ctx, name, id)
	if err != nil {
		return Deployment{}, problem(fmt.Sprintf("Look up the deployment %s of %s", id, name), err)
	}
	return deployment(name, d), nil
}

func (c cloudflare) logs(ctx context.Context, name, id string) ([]LogLine, error) {
	logs, err := c.pages.Logs(ctx, name, id)
	if err != nil {
		return nil, problem(fmt.Sprintf("Read the log of %s", id), err)
	}
	lines := make([]LogLine, 0, len(logs.Lines))
	for _, l := range logs.Lines {
		lines = append(lines, LogLine{At: l.Time, Text: l.Text})
	}
	return lines, nil
}

// call sends the action's one POST or DELETE. A delete gives no deployment.
func (c cloudflare) call(ctx context.Context, a Action) (Deployment, error) {
	var d pagesapi.Deployment
	var err error
	switch a.Kind {
	case KindDeploy:
		d, err = c.pages.CreateDeployment(ctx, a.Project, a.Branch)
	case KindRetry:
		d, err = c.pages.RetryDeployment(ctx, a.Project, a.Target)
	case KindRollback:
		d, err = c.pages.RollbackDeployment(ctx, a.Project, a.Target)
	case KindDelete:
		err = c.pages.DeleteDeployment(ctx, a.Project, a.Target, a.Force)
	default:
		return Deployment{}, fmt.Errorf("action %s has the unknown kind %q", a.ID, a.Kind)
	}
	if err != nil {
		return Deployment{}, problem(attempt(a), err)
	}
	if a.Kind == KindDelete {
		return Deployment{}, nil
	}
	return deployment(a.Project, d), nil
}

func project(p pagesapi.Project) Project {
	out := Project{
		Name: p.Name, ProductionBranch: p.ProductionBranch, Subdomain: p.Subdomain,
		Domains: p.Domains, Git: !p.DirectUpload,
	}
	if p.CanonicalDeployment != nil {
		d := deployment(p.Name, *p.CanonicalDeployment)
		out.Live = &d
	}
	if p.LatestDeployment != nil {
		d := deployment(p.Name, *p.LatestDeployment)
		out.Latest = &d
	}
	return out
}

func deployment(project string, d pagesapi.Deployment) Deployment {
	out := Deployment{
		ID: d.ID, ShortID: d.ShortID, Project: project, Environment: d.Environment,
		Branch: d.Trigger.Branch, CommitHash: d.Trigger.CommitHash, CommitMessage: d.Trigger.CommitMessage,
		Trigger: d.Trigger.Type, URL: d.URL, Aliases: d.Aliases, CreatedAt: d.CreatedOn,
		Latest: stage(d.LatestStage), Skipped: d.IsSkipped, SkipReason: d.SkipReason,
	}
	for _, s := range d.Stages {
		out.Stages = append(out.Stages, stage(s))
	}
	out.Upload = d.Source == nil && !out.built()
	return out
}

// built reports whether there was anything to build: of a direct upload the
// stages in the middle stay idle for ever. Whether a missing source alone means
// an upload is not certain.
func (d Deployment) built() bool {
	return slices.ContainsFunc(d.reported(), func(s Stage) bool {
		inTheMiddle := s.Name == StageInitialize || s.Name == StageCloneRepo || s.Name == StageBuild
		return inTheMiddle && s.Status != StatusIdle && s.Status != ""
	})
}

func stage(s pagesapi.Stage) Stage {
	return Stage{Name: s.Name, Status: s.Status, StartedAt: s.StartedOn, EndedAt: s.EndedOn}
}

// problem puts Cloudflare's refusal into words. What is a noun phrase for what
// was tried; the API's own words stand beside ours, since several of its codes
// are not documented.
func problem(what string, err error) error {
	p := &Problem{Kind: Internal, What: what, cause: err}
	var api *pagesapi.Error
	if !errors.As(err, &api) {
		p.Why = "something went wrong on our side"
		p.Next = "Try again; if it stays, tell the people who run pagesbot."
		return p
	}
	p.Ray, p.Wait = api.Ray, api.RetryAfter
	words(p, api)
	return p
}

// The API's codes that have better words than its own.
// https://developers.cloudflare.com/api/resources/pages/
const (
	codeProjectNotFound = 8000007
	codeNeedsForce      = 8000035
	codeDirectUpload    = 8000096
)

func words(p *Problem, api *pagesapi.Error) {
	switch api.Kind {
	case pagesapi.KindNotFound:
		p.Kind, p.Why = NotFound, "Cloudflare knows no such deployment"
		p.Next = "See what there is with `list <project>`."
		if api.Code == codeProjectNotFound {
			p.Why, p.Next = "the account has no project of that name", "See the projects with `projects`."
		}
	case pagesapi.KindAuthentication:
		p.Kind, p.Why = Misconfigured, "Cloudflare refused pagesbot's token: "+quoteAPI(api)
		p.Next = "Ask the people who run pagesbot to check CLOUDFLARE_API_TOKEN (it needs Cloudflare Pages: Edit) and CLOUDFLARE_ACCOUNT_ID."
	case pagesapi.KindRateLimited:
		p.Kind, p.Why = RateLimited, "Cloudflare's rate limit for this account is used up"
		p.Next = "Try again in a few minutes."
		if p.Wait > 0 {
			p.Next = fmt.Sprintf("Try again in %s.", roundWait(p.Wait))
		}
	case pagesapi.KindRefused:
		p.Kind, p.Why, p.Next = NotPossible, "Cloudflare says: "+quoteAPI(api), "See what there is with `list <project>`, and how it is doing with `status <project> <deployment>`."
		switch api.Code {
		case codeDirectUpload:
			p.Why, p.Next = "this project is deployed by upload, not from Git", "Upload it as before, for example with `wrangler pages deploy`."
		case codeNeedsForce:
			p.Why, p.Next = "an alias still points at this deployment", "Type `delete <deployment> --force` to remove it together with its alias."
		}
	case pagesapi.KindUnknownOutcome:
		p.Kind, p.Why = LostReply, "Cloudflare's reply was lost, so it may or may not have happened"
		p.Next = "See what there is with `list <project>` before you try again."
	case pagesapi.KindInvalid:
		p.Kind, p.Why, p.Next = NotPossible, api.Message, "Correct it and try again."
	default:
		p.Kind, p.Why = Unavailable, "Cloudflare did not answer properly: "+quoteAPI(api)
		p.Next = "Try again in a minute; nothing was changed. If it stays, look at https://www.cloudflarestatus.com."
	}
}

func quoteAPI(api *pagesapi.Error) string {
	switch {
	case api.Message != "" && api.Code != 0:
		return fmt.Sprintf("%s (code %d)", api.Message, api.Code)
	case api.Message != "":
		return api.Message
	case api.Status != 0:
		return fmt.Sprintf("HTTP %d", api.Status)
	default:
		return "no answer"
	}
}

// attempt names an action as something that was tried.
func attempt(a Action) string {
	target := Deployment{ID: a.Target}.Short()
	switch a.Kind {
	case KindDeploy:
		return "Deploy " + a.Project
	case KindRetry:
		return fmt.Sprintf("Retry %s of %s", target, a.Project)
	case KindRollback:
		return fmt.Sprintf("Roll back %s to %s", a.Project, target)
	default:
		return fmt.Sprintf("Delete %s of %s", target, a.Project)
	}
}
