package pagesapi

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The environments of a deployment, as the API names them.
const (
	EnvironmentProduction = "production"
	EnvironmentPreview    = "preview"
)

// MaxPerPage is the most deployments that one page of a list may hold: the API
// refuses more, with code 8000024.
const MaxPerPage = 25

const maxBranchBytes = 255

var (
	projectName  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,57}$`)
	deploymentID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
)

// ValidProjectName reports whether name can be that of a Pages project: 1 to 58
// lower-case letters, digits and dashes, not beginning with a dash.
func ValidProjectName(name string) bool { return projectName.MatchString(name) }

// ValidDeploymentID reports whether id is safe to be that of a deployment: 1 to
// 64 letters, digits, dashes and underscores, beginning with a letter or digit.
// Cloudflare's are UUIDs.
func ValidDeploymentID(id string) bool { return deploymentID.MatchString(id) }

func validBranch(branch string) bool {
	return branch != "" && len(branch) <= maxBranchBytes && utf8.ValidString(branch) &&
		!strings.ContainsFunc(branch, unicode.IsControl)
}

func checkProject(op, project string) *Error {
	if !ValidProjectName(project) {
		return invalid(op, "a project's name is 1 to 58 lower-case letters, digits and dashes")
	}
	return nil
}

func checkDeployment(op, project, id string) *Error {
	if err := checkProject(op, project); err != nil {
		return err
	}
	if !ValidDeploymentID(id) {
		return invalid(op, "a deployment's id is 1 to 64 letters, digits, dashes and underscores")
	}
	return nil
}

func checkEnvironment(op, environment string) *Error {
	switch environment {
	case "", EnvironmentProduction, EnvironmentPreview:
		return nil
	}
	return invalid(op, "the environment is production or preview")
}
