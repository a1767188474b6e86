package pagesapi

import (
	"context"
	"iter"
	"net/http"
)

// projectsPerPage is known to be accepted; the most that is, is not.
const projectsPerPage = 10

// Projects yields every project of the account, each once. It reads a page when
// the one before it is used up. An error is the last thing yielded.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/methods/list/.
func (c *Client) Projects(ctx context.Context) iter.Seq2[Project, error] {
	list := func(page int) ([]Project, ResultInfo, error) { return c.listProjects(ctx, page) }
	return walk("list projects", projectsPerPage, list, func(p Project) string { return p.Name })
}

// A ProjectPage is one page of the account's projects. More is false where no
// other page follows.
type ProjectPage struct {
	Projects []Project
	More     bool
}

// ListProjects returns one page of the account's projects, counted from 1.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/methods/list/.
func (c *Client) ListProjects(ctx context.Context, page int) (ProjectPage, error) {
	projects, info, err := c.listProjects(ctx, page)
	if page > 1 && pastTheEnd(err) {
		return ProjectPage{}, nil
	}
	if err != nil {
		return ProjectPage{}, err
	}
	seen := (page-1)*projectsPerPage + len(projects)
	more := len(projects) > 0 && page < maxPages && mayContinue(page, projectsPerPage, len(projects), seen, info)
	return ProjectPage{Projects: projects, More: more}, nil
}

func (c *Client) listProjects(ctx context.Context, page int) ([]Project, ResultInfo, error) {
	call := c.projectsCall("list projects")
	call.query = pageQuery(page, projectsPerPage)
	reply, err := c.do(ctx, call)
	if err != nil {
		return nil, ResultInfo{}, err
	}
	projects, err := decodeProjects(reply.Result)
	if err != nil {
		return nil, ResultInfo{}, unexpected(call, reply, err.Error())
	}
	return projects, decodeInfo(reply.ResultInfo), nil
}

// Project returns the project of that name.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/methods/get/.
func (c *Client) Project(ctx context.Context, name string) (Project, error) {
	call := c.projectsCall("get project", name)
	if err := checkProject(call.op, name); err != nil {
		return Project{}, err
	}
	return one(ctx, c, call, decodeProject)
}

func (c *Client) projectsCall(op string, below ...string) call {
	path := append([]string{"accounts", c.account, "pages", "projects"}, below...)
	return call{op: op, method: http.MethodGet, path: path}
}
