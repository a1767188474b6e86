package pagesapi

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
)

// ListOptions choose a page of a project's deployments.
type ListOptions struct {
	// Environment is "production", "preview", or empty for both.
	Environment string
	// Page counts from 1; 0 means 1.
	Page int
	// PerPage is at most MaxPerPage; 0 means that.
	PerPage int
}

// A DeploymentPage is one page of a project's deployments, newest first. A page
// past the end is empty.
type DeploymentPage struct {
	Deployments []Deployment
	Info        ResultInfo
}

// ListDeployments returns one page of the project's deployments.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/methods/list/.
func (c *Client) ListDeployments(ctx context.Context, project string, opts ListOptions) (DeploymentPage, error) {
	call := c.deploymentCall("list deployments", http.MethodGet, project)
	if err := opts.check(call.op, project); err != nil {
		return DeploymentPage{}, err
	}
	call.query = opts.query()
	reply, err := c.do(ctx, call)
	if err != nil {
		return DeploymentPage{}, err
	}
	deployments, err := decodeDeployments(reply.Result)
	if err != nil {
		return DeploymentPage{}, unexpected(call, reply, err.Error())
	}
	return DeploymentPage{Deployments: deployments, Info: decodeInfo(reply.ResultInfo)}, nil
}

// check returns an error rather than an *Error, so that nil stays nil.
func (o ListOptions) check(op, project string) error {
	if err := checkProject(op, project); err != nil {
		return err
	}
	if err := checkEnvironment(op, o.Environment); err != nil {
		return err
	}
	if o.Page < 0 || o.PerPage < 0 || o.PerPage > MaxPerPage {
		return invalid(op, "pages count from 1 and hold at most "+strconv.Itoa(MaxPerPage))
	}
	return nil
}

// query always names both the page and its size: the API has been seen to
// refuse one without the other.
func (o ListOptions) query() url.Values {
	if o.Page == 0 {
		o.Page = 1
	}
	if o.PerPage == 0 {
		o.PerPage = MaxPerPage
	}
	query := pageQuery(o.Page, o.PerPage)
	if o.Environment != "" {
		query.Set("env", o.Environment)
	}
	return query
}

// Deployments yields all deployments of the project in the environment, or in
// both where that is empty, newest first and each once. It reads a page when
// the one before it is used up, so stop as soon as you have found yours. An
// error is the last thing yielded.
func (c *Client) Deployments(ctx context.Context, project, environment string) iter.Seq2[Deployment, error] {
	list := func(page int) ([]Deployment, ResultInfo, error) {
		opts := ListOptions{Environment: environment, Page: page, PerPage: MaxPerPage}
		found, err := c.ListDeployments(ctx, project, opts)
		return found.Deployments, found.Info, err
	}
	return walk("list deployments", MaxPerPage, list, func(d Deployment) string { return d.ID })
}

// Deployment returns the deployment with that id.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/methods/get/.
func (c *Client) Deployment(ctx context.Context, project, id string) (Deployment, error) {
	return c.onDeployment(ctx, "get deployment", http.MethodGet, project, id)
}

// CreateDeployment starts a build of the head of the branch, or of the
// production branch where that is empty. It is sent at most once: after
// KindUnknownOutcome a deployment may exist.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/methods/create/.
func (c *Client) CreateDeployment(ctx context.Context, project, branch string) (Deployment, error) {
	call := c.deploymentCall("create deployment", http.MethodPost, project)
	if err := checkProject(call.op, project); err != nil {
		return Deployment{}, err
	}
	if branch != "" && !validBranch(branch) {
		return Deployment{}, invalid(call.op, "a branch is at most 255 bytes without control characters")
	}
	call.body, call.contentType = branchForm(branch)
	return c.deployment(ctx, call)
}

// branchForm writes the multipart body; without a branch it has no part, which
// the API accepts.
func branchForm(branch string) (body []byte, contentType string) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	// Writing to memory does not fail.
	if branch != "" {
		_ = w.WriteField("branch", branch)
	}
	_ = w.Close()
	return form.Bytes(), w.FormDataContentType()
}

// RetryDeployment builds the deployment again and returns the one that does so,
// which may have another id. It is sent at most once: after KindUnknownOutcome
// a deployment may exist.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/methods/retry/.
func (c *Client) RetryDeployment(ctx context.Context, project, id string) (Deployment, error) {
	return c.onDeployment(ctx, "retry deployment", http.MethodPost, project, id, "retry")
}

// RollbackDeployment makes an earlier production deployment the live one again.
// It is sent at most once.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/methods/rollback/.
func (c *Client) RollbackDeployment(ctx context.Context, project, id string) (Deployment, error) {
	return c.onDeployment(ctx, "roll back deployment", http.MethodPost, project, id, "rollback")
}

// DeleteDeployment deletes the deployment; force also deletes one that an alias
// points to, unless it is live. It is sent at most once.
//
// See https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/methods/delete/.
func (c *Client) DeleteDeployment(ctx context.Context, project, id string, force bool) error {
	call := c.deploymentCall("delete deployment", http.MethodDelete, project, id)
	if err := checkDeployment(call.op, project, id); err != nil {
		return err
	}
	if force {
		call.query = url.Values{"force": {"true"}}
	}
	_, err := c.do(ctx, call)
	return err
}

// onDeployment makes a call about one deployment that answers with one.
func (c *Client) onDeployment(ctx context.Context, op, method, project, id string, action ...string) (Deployment, error) {
	if err := checkDeployment(op, project, id); err != nil {
		return Deployment{}, err
	}
	path := append([]string{id}, action...)
	return c.deployment(ctx, c.deploymentCall(op, method, project, path...))
}

// deployment makes a call that answers with a deployment.
func (c *Client) deployment(ctx context.Context, call call) (Deployment, error) {
	return one(ctx, c, call, decodeDeployment)
}

// one makes a call and decodes its result.
func one[T any](ctx context.Context, c *Client, call call, decode func(json.RawMessage) (T, error)) (T, error) {
	var none T
	reply, err := c.do(ctx, call)
	if err != nil {
		return none, err
	}
	result, err := decode(reply.Result)
	if err != nil {
		return none, unexpected(call, reply, err.Error())
	}
	return result, nil
}

func (c *Client) deploymentCall(op, method, project string, below ...string) call {
	path := append([]string{"accounts", c.account, "pages", "projects", project, "deployments"}, below...)
	return call{op: op, method: method, path: path}
}
