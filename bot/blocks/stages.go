package blocks

import (
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// stageNames are the stages in people's words; others are shown as they come.
func stageName(name string) string {
	switch name {
	case deploy.StageQueued:
		return "Queue"
	case deploy.StageInitialize:
		return "Initialize"
	case deploy.StageCloneRepo:
		return "Clone the repository"
	case deploy.StageBuild:
		return "Build"
	case deploy.StageDeploy:
		return "Deploy"
	case "":
		return "Unknown stage"
	}
	return line(name, maxName)
}

// stages draws the progress of a deployment.
func stages(d deploy.Deployment, s Style) []slack.Block {
	progress := d.Progress()
	if len(progress) == 0 || d.Skipped || d.Gone {
		return nil
	}
	if len(progress) > 12 {
		progress = progress[:12]
	}
	if !s.Plan {
		return []slack.Block{stageList(progress, d)}
	}
	plan := slack.NewPlanBlock(planTitle(d))
	tasks := make([]*slack.TaskCardBlock, 0, len(progress))
	for _, stage := range progress {
		task := slack.NewTaskCardBlock(line(stage.Name, maxName), stageTitle(stage)).WithStatus(taskStatus(stage, d))
		tasks = append(tasks, task)
	}
	return []slack.Block{plan.WithTasks(tasks...)}
}

func planTitle(d deploy.Deployment) string {
	switch d.Outcome() {
	case deploy.Succeeded:
		return joined(" in ", "Deployed", span(d.Duration()))
	case deploy.Failed:
		return "Failed: " + strings.ToLower(stageName(d.Latest.Name))
	case deploy.Canceled:
		return "Canceled"
	case deploy.Skipped:
		return "Skipped"
	}
	return stageName(d.Latest.Name) + "…"
}

// joined is a and b with a word between, or a alone.
func joined(between, a, b string) string {
	if b == "" {
		return a
	}
	return a + between + b
}

func stageTitle(s deploy.Stage) string {
	return joined(" · ", stageName(s.Name), span(s.Duration()))
}

// taskStatus is the nearest that a task card has. A stage that succeeded late,
// as a direct upload's first one never does, counts as done with the whole.
func taskStatus(s deploy.Stage, d deploy.Deployment) slack.TaskCardStatus {
	switch {
	case s.Status == deploy.StatusFailure || s.Status == deploy.StatusCanceled:
		return slack.TaskCardStatusError
	case s.Status == deploy.StatusSuccess || s.Status == deploy.StatusSkipped || d.Outcome() == deploy.Succeeded:
		return slack.TaskCardStatusComplete
	case s.Status == deploy.StatusActive && !d.Outcome().Terminal():
		return slack.TaskCardStatusInProgress
	}
	return slack.TaskCardStatusPending
}

// stageList is the same progress in text.
func stageList(progress []deploy.Stage, d deploy.Deployment) slack.Block {
	marks := map[slack.TaskCardStatus]string{
		slack.TaskCardStatusComplete: "✓ ", slack.TaskCardStatusInProgress: "● ", slack.TaskCardStatusError: "✗ ", slack.TaskCardStatusPending: "○ ",
	}
	parts := make([]string, 0, len(progress))
	for _, stage := range progress {
		parts = append(parts, marks[taskStatus(stage, d)]+stageTitle(stage))
	}
	return quiet(strings.Join(parts, "   "))
}
