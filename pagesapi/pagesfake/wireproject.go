package pagesfake

import "time"

// What a leak test looks for: neither may ever reach a log, a database or a
// person.
const (
	// PlantedSecret is the value of an environment variable that every project
	// has unless its ProjectSpec names its own.
	PlantedSecret = "pagesfake-plain-text-secret"
	// PlantedAnalyticsToken is in the build_config of every project and build.
	PlantedAnalyticsToken = "021e1057c18547eca7b79f2516f06o7x"
)

const compatibilityDate = "2023-06-02"

type wireProject struct {
	BuildConfig         wireBuildConfig           `json:"build_config"`
	CanonicalDeployment *wireDeployment           `json:"canonical_deployment"`
	CreatedOn           string                    `json:"created_on"`
	DeploymentConfigs   map[string]map[string]any `json:"deployment_configs"`
	Domains             []string                  `json:"domains"`
	ID                  string                    `json:"id"`
	LatestDeployment    *wireDeployment           `json:"latest_deployment"`
	Name                string                    `json:"name"`
	ProductionBranch    string                    `json:"production_branch"`
	Source              *wireSource               `json:"source"`
	Subdomain           string                    `json:"subdomain"`
}

func (p *project) wireProject(now time.Time) wireProject {
	w := wireProject{
		BuildConfig: buildConfig(),
		CreatedOn:   p.created.Format(wholeSeconds),
		DeploymentConfigs: map[string]map[string]any{
			preview:    p.deploymentConfig(),
			production: p.deploymentConfig(),
		},
		Domains:          p.domains,
		ID:               p.id,
		Name:             p.name,
		ProductionBranch: p.productionBranch,
		Source:           p.source(),
		Subdomain:        p.subdomain,
	}
	if d := p.deployment(p.live.id); d != nil {
		live := p.wire(d, now)
		w.CanonicalDeployment = &live
	}
	if len(p.deployments) > 0 {
		newest := p.wire(p.deployments[0], now)
		w.LatestDeployment = &newest
	}
	return w
}

func buildConfig() wireBuildConfig {
	command, destination, root := "npm run build", "build", "/"
	tag, token := "cee1c73f6e4743d0b5e6bb1a0bcaabcc", PlantedAnalyticsToken
	return wireBuildConfig{
		BuildCommand: &command, DestinationDir: &destination, RootDir: &root,
		WebAnalyticsTag: &tag, WebAnalyticsToken: &token,
	}
}

// buildConfigOf is all nulls for what was uploaded: nothing was built.
func (p *project) buildConfigOf(d *deployment) wireBuildConfig {
	if d.upload {
		return wireBuildConfig{}
	}
	return buildConfig()
}

// source is nil, and null on the wire, for a direct-upload project.
func (p *project) source() *wireSource {
	if p.directUpload {
		return nil
	}
	return &wireSource{Type: "github", Config: wireSourceConfig{
		Owner:                        "example",
		RepoName:                     p.name,
		ProductionBranch:             p.productionBranch,
		PRCommentsEnabled:            true,
		DeploymentsEnabled:           true,
		ProductionDeploymentsEnabled: true,
		PreviewDeploymentSetting:     "all",
		PreviewBranchIncludes:        []string{"*"},
		PreviewBranchExcludes:        []string{},
	}}
}

// sourceOf is nil, and absent on the wire, for what was uploaded.
func (p *project) sourceOf(d *deployment) *wireSource {
	if d.upload {
		return nil
	}
	return p.source()
}

func (p *project) wireEnvVars() map[string]wireEnvVar {
	vars := make(map[string]wireEnvVar, len(p.envVars))
	for name, value := range p.envVars {
		vars[name] = wireEnvVar{Type: "plain_text", Value: value}
	}
	return vars
}

// deploymentConfig has every kind of binding that the documented example has.
func (p *project) deploymentConfig() map[string]any {
	binding := func(name, key, value string) map[string]any {
		return map[string]any{name: map[string]any{key: value}}
	}
	return map[string]any{
		"analytics_engine_datasets": binding("ANALYTICS_ENGINE_BINDING", "dataset", "api_analytics"),
		"compatibility_date":        compatibilityDate,
		"compatibility_flags":       []string{"url_standard"},
		"d1_databases":              binding("D1_BINDING", "id", "445e2955-951a-43f8-a35b-a4d0c8138f63"),
		"durable_object_namespaces": binding("DO_BINDING", "namespace_id", "5eb63bbbe01eeed093cb22bb8f5acdc3"),
		"env_vars":                  p.wireEnvVars(),
		"kv_namespaces":             binding("KV_BINDING", "namespace_id", "5eb63bbbe01eeed093cb22bb8f5acdc3"),
		"placement":                 map[string]any{"mode": "smart"},
		"queue_producers":           binding("QUEUE_PRODUCER_BINDING", "name", "some-queue"),
		"r2_buckets":                binding("R2_BINDING", "name", "some-bucket"),
		"service_bindings": map[string]any{"SERVICE_BINDING": map[string]any{
			"environment": production, "service": "example-worker",
		}},
	}
}
