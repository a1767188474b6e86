package command

import "strings"

// Branch reads a branch that was written into a field of its own, where nothing is
// escaped or in quotation marks. Empty text is the production branch. Every error
// is an [*Error].
func Branch(text string) (string, error) {
	branch := strings.TrimSpace(text)
	if branch == "" {
		return "", nil
	}
	if fault := branchFault(branch); fault != "" {
		return "", &Error{Problem: Quote(branch) + " cannot be a branch: " + fault + ".", Suggestion: helpAbout(Deploy), Usage: Usage(Deploy), Verb: Deploy}
	}
	return branch, nil
}
