package pagesfake

import "time"

// How times are written. The API mixes them, and one of its documented forms has
// no zone at all; each field here always has the same form.
const (
	wholeSeconds = "2006-01-02T15:04:05Z"
	sixDigits    = "2006-01-02T15:04:05.999999Z"
	sevenDigits  = "2006-01-02T15:04:05.0000000Z"
	zoneless     = "2006-01-02T15:04:05.000000"
)

type wireDeployment struct {
	ID                     string                `json:"id"`
	ShortID                string                `json:"short_id"`
	ProjectID              string                `json:"project_id"`
	ProjectName            string                `json:"project_name"`
	Environment            string                `json:"environment"`
	URL                    string                `json:"url"`
	CreatedOn              string                `json:"created_on"`
	ModifiedOn             string                `json:"modified_on"`
	LatestStage            wireStage             `json:"latest_stage"`
	DeploymentTrigger      wireTrigger           `json:"deployment_trigger"`
	Stages                 []wireStage           `json:"stages"`
	BuildConfig            wireBuildConfig       `json:"build_config"`
	Source                 *wireSource           `json:"source,omitempty"`
	EnvVars                map[string]wireEnvVar `json:"env_vars"`
	CompatibilityDate      string                `json:"compatibility_date"`
	CompatibilityFlags     []string              `json:"compatibility_flags"`
	BuildImageMajorVersion int                   `json:"build_image_major_version"`
	UsageModel             *string               `json:"usage_model"`
	Aliases                []string              `json:"aliases"`
	IsSkipped              bool                  `json:"is_skipped"`
	SkipReason             string                `json:"skip_reason,omitempty"`
	ProductionBranch       string                `json:"production_branch"`
}

type wireStage struct {
	Name      string  `json:"name"`
	StartedOn *string `json:"started_on"`
	EndedOn   *string `json:"ended_on"`
	Status    status  `json:"status"`
}

type wireTrigger struct {
	Type     string       `json:"type"`
	Metadata wireMetadata `json:"metadata"`
}

type wireMetadata struct {
	Branch        string `json:"branch"`
	CommitHash    string `json:"commit_hash"`
	CommitMessage string `json:"commit_message"`
	CommitDirty   bool   `json:"commit_dirty"`
}

type wireBuildConfig struct {
	BuildCommand      *string `json:"build_command"`
	DestinationDir    *string `json:"destination_dir"`
	RootDir           *string `json:"root_dir"`
	WebAnalyticsTag   *string `json:"web_analytics_tag"`
	WebAnalyticsToken *string `json:"web_analytics_token"`
}

type wireEnvVar struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type wireSource struct {
	Type   string           `json:"type"`
	Config wireSourceConfig `json:"config"`
}

type wireSourceConfig struct {
	Owner                        string   `json:"owner"`
	RepoName                     string   `json:"repo_name"`
	ProductionBranch             string   `json:"production_branch"`
	PRCommentsEnabled            bool     `json:"pr_comments_enabled"`
	DeploymentsEnabled           bool     `json:"deployments_enabled"`
	ProductionDeploymentsEnabled bool     `json:"production_deployments_enabled"`
	PreviewDeploymentSetting     string   `json:"preview_deployment_setting"`
	PreviewBranchIncludes        []string `json:"preview_branch_includes"`
	PreviewBranchExcludes        []string `json:"preview_branch_excludes"`
}

type wireLogs struct {
	Data                  []wireLogLine `json:"data"`
	Total                 int           `json:"total"`
	IncludesContainerLogs bool          `json:"includes_container_logs"`
}

type wireLogLine struct {
	TS   string `json:"ts"`
	Line string `json:"line"`
}

type wireToken struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

// wire writes a deployment as the API does at now.
func (p *project) wire(d *deployment, now time.Time) wireDeployment {
	states := d.stages(now)
	return wireDeployment{
		ID: d.id, ShortID: d.shortID(), ProjectID: p.id, ProjectName: p.name,
		Environment: d.environment,
		URL:         p.urlOf(d),
		CreatedOn:   d.created.Format(sixDigits),
		ModifiedOn:  d.modified(now),
		LatestStage: latest(states).wire(),
		DeploymentTrigger: wireTrigger{Type: d.trigger, Metadata: wireMetadata{
			Branch: d.branch, CommitHash: d.commit.hash, CommitMessage: d.commit.message, CommitDirty: d.commit.dirty,
		}},
		Stages:                 wireStages(states),
		BuildConfig:            p.buildConfigOf(d),
		Source:                 p.sourceOf(d),
		EnvVars:                p.wireEnvVars(),
		CompatibilityDate:      compatibilityDate,
		CompatibilityFlags:     []string{},
		BuildImageMajorVersion: 1,
		Aliases:                p.aliasesOf(d),
		IsSkipped:              d.skipped,
		SkipReason:             d.skipReason,
		ProductionBranch:       p.productionBranch,
	}
}

// modified is when the deployment was last modified, in the API's opinion: for a
// build that is when it left the queue, however much happens after.
func (d *deployment) modified(now time.Time) string {
	if len(d.spans) == 0 {
		return d.created.Format(zoneless)
	}
	at := d.created
	if end := d.spans[0].end; !now.Before(end) {
		at = end
	}
	if d.upload {
		return at.Format(sixDigits)
	}
	return at.Format(zoneless)
}

func (p *project) aliasesOf(d *deployment) []string {
	if !p.aliasHeldBy(d) {
		return nil
	}
	return []string{"https://" + branchAlias(d.branch) + "." + p.subdomain}
}

// wire writes a stage; the queued one has whole seconds, as if another clock had
// timed it.
func (st stageState) wire() wireStage {
	began, ended := sevenDigits, sixDigits
	if st.name == stageNames()[queued] {
		began, ended = wholeSeconds, wholeSeconds
	}
	return wireStage{
		Name: st.name, Status: st.status,
		StartedOn: stamp(st.began, began), EndedOn: stamp(st.ended, ended),
	}
}

func wireStages(states []stageState) []wireStage {
	stages := make([]wireStage, len(states))
	for i, st := range states {
		stages[i] = st.wire()
	}
	return stages
}

func stamp(t *time.Time, layout string) *string {
	if t == nil {
		return nil
	}
	text := t.UTC().Format(layout)
	return &text
}
