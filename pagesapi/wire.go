package pagesapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"unicode"
)

// The shapes below name what is read from the wire, and nothing else is: a
// field that is not here, such as env_vars or web_analytics_token, cannot
// travel further.

type wireProject struct {
	ID                  string          `json:"id"`
	Name                string          `json:"name"`
	Subdomain           string          `json:"subdomain"`
	ProductionBranch    string          `json:"production_branch"`
	Domains             []string        `json:"domains"`
	Source              maybeSource     `json:"source"`
	CanonicalDeployment *wireDeployment `json:"canonical_deployment"`
	LatestDeployment    *wireDeployment `json:"latest_deployment"`
	CreatedOn           moment          `json:"created_on"`
}

type wireDeployment struct {
	ID          string      `json:"id"`
	ShortID     string      `json:"short_id"`
	ProjectID   string      `json:"project_id"`
	ProjectName string      `json:"project_name"`
	Environment string      `json:"environment"`
	URL         string      `json:"url"`
	Aliases     []string    `json:"aliases"`
	CreatedOn   moment      `json:"created_on"`
	ModifiedOn  moment      `json:"modified_on"`
	LatestStage wireStage   `json:"latest_stage"`
	Stages      []wireStage `json:"stages"`
	IsSkipped   bool        `json:"is_skipped"`
	SkipReason  string      `json:"skip_reason"`
	Trigger     wireTrigger `json:"deployment_trigger"`
	Source      *wireSource `json:"source"`
}

type wireStage struct {
	Name      string `json:"name"`
	Status    string `json:"status"`
	StartedOn moment `json:"started_on"`
	EndedOn   moment `json:"ended_on"`
}

type wireTrigger struct {
	Type     string `json:"type"`
	Metadata struct {
		Branch        string `json:"branch"`
		CommitHash    string `json:"commit_hash"`
		CommitMessage string `json:"commit_message"`
		CommitDirty   bool   `json:"commit_dirty"`
	} `json:"metadata"`
}

type wireSource struct {
	Type   string `json:"type"`
	Config struct {
		Owner            string `json:"owner"`
		RepoName         string `json:"repo_name"`
		ProductionBranch string `json:"production_branch"`
	} `json:"config"`
}

// maybeSource tells a source that is null, as that of a direct-upload project,
// from one that a reply leaves out.
type maybeSource struct {
	wire *wireSource
	null bool
}

func (m *maybeSource) UnmarshalJSON(raw []byte) error {
	if m.null = string(raw) == "null"; m.null {
		return nil
	}
	return decodeLenient(raw, &m.wire)
}

type wireLogs struct {
	Data []struct {
		Time moment `json:"ts"`
		Line string `json:"line"`
	} `json:"data"`
	Total int `json:"total"`
}

type wireToken struct {
	ID        string `json:"id"`
	Status    string `json:"status"`
	ExpiresOn moment `json:"expires_on"`
	NotBefore moment `json:"not_before"`
}

var errUnsafeID = errors.New("a deployment without a usable id")

// decodeLenient leaves a member of the wrong type empty, as if it were absent:
// one odd field must not hide a whole list.
func decodeLenient(raw []byte, into any) error {
	err := json.Unmarshal(raw, into)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil
	}
	return err
}

// decodeObject reads a result that must be an object.
func decodeObject(raw json.RawMessage, into any) error {
	if !bytes.HasPrefix(raw, []byte("{")) {
		return errors.New("the result is no object")
	}
	return decodeLenient(raw, into)
}

// decodeList reads a result that must be a list; null is an empty one.
func decodeList[T any](raw json.RawMessage) ([]T, error) {
	if !bytes.HasPrefix(raw, []byte("[")) && string(raw) != "null" {
		return nil, errors.New("the result is no list")
	}
	var rows []T
	return rows, decodeLenient(raw, &rows)
}

func decodeDeployment(raw json.RawMessage) (Deployment, error) {
	var w wireDeployment
	if err := decodeObject(raw, &w); err != nil {
		return Deployment{}, err
	}
	return w.deployment()
}

func decodeDeployments(raw json.RawMessage) ([]Deployment, error) {
	return decodeEach(raw, wireDeployment.deployment)
}

func decodeProject(raw json.RawMessage) (Project, error) {
	var w wireProject
	if err := decodeObject(raw, &w); err != nil {
		return Project{}, err
	}
	return w.project()
}

func decodeProjects(raw json.RawMessage) ([]Project, error) {
	return decodeEach(raw, wireProject.project)
}

func decodeEach[W, T any](raw json.RawMessage, convert func(W) (T, error)) ([]T, error) {
	rows, err := decodeList[W](raw)
	if err != nil {
		return nil, err
	}
	out := make([]T, 0, len(rows))
	for _, row := range rows {
		item, err := convert(row)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

func (w wireProject) project() (Project, error) {
	if w.Name == "" {
		return Project{}, errors.New("a project without a name")
	}
	canonical, err := w.CanonicalDeployment.orNil()
	if err != nil {
		return Project{}, err
	}
	latest, err := w.LatestDeployment.orNil()
	if err != nil {
		return Project{}, err
	}
	return Project{
		ID: w.ID, Name: w.Name, Subdomain: w.Subdomain, ProductionBranch: w.ProductionBranch,
		Domains: w.Domains, Source: w.Source.wire.source(), DirectUpload: w.Source.null, CreatedOn: w.CreatedOn.Time,
		CanonicalDeployment: canonical, LatestDeployment: latest,
	}, nil
}

func (w *wireDeployment) orNil() (*Deployment, error) {
	if w == nil || w.ID == "" {
		return nil, nil
	}
	d, err := w.deployment()
	if err != nil {
		return nil, err
	}
	return &d, nil
}

func (w wireDeployment) deployment() (Deployment, error) {
	if !ValidDeploymentID(w.ID) {
		return Deployment{}, errUnsafeID
	}
	d := Deployment{
		ID: w.ID, ShortID: w.ShortID, ProjectID: w.ProjectID, ProjectName: w.ProjectName,
		Environment: w.Environment, URL: webAddress(w.URL),
		CreatedOn: w.CreatedOn.Time, ModifiedOn: w.ModifiedOn.Time,
		LatestStage: w.LatestStage.stage(), IsSkipped: w.IsSkipped, SkipReason: w.SkipReason,
		Trigger: w.Trigger.trigger(), Source: w.Source.source(),
	}
	if d.ShortID == "" {
		d.ShortID = w.ID[:min(8, len(w.ID))]
	}
	for _, alias := range w.Aliases {
		if address := webAddress(alias); address != "" {
			d.Aliases = append(d.Aliases, address)
		}
	}
	for _, s := range w.Stages {
		d.Stages = append(d.Stages, s.stage())
	}
	return d, nil
}

func (w wireStage) stage() Stage {
	return Stage{Name: w.Name, Status: w.Status, StartedOn: w.StartedOn.Time, EndedOn: w.EndedOn.Time}
}

func (w wireTrigger) trigger() Trigger {
	m := w.Metadata
	return Trigger{
		Type: w.Type, Branch: m.Branch, CommitHash: m.CommitHash,
		CommitMessage: m.CommitMessage, CommitDirty: m.CommitDirty,
	}
}

func (w *wireSource) source() *Source {
	if w == nil {
		return nil
	}
	c := w.Config
	return &Source{Type: w.Type, Owner: c.Owner, RepoName: c.RepoName, ProductionBranch: c.ProductionBranch}
}

// webAddress returns the address if a link may point to it, and else nothing.
func webAddress(raw string) string {
	if strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return raw
}
