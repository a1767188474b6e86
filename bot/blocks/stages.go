package blocks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"pagesbot/deploy"
)

// stageWords are a stage in people's words: by name, while it runs, and once it
// is done.
type stageWords struct{ title, doing, done string }

// wordsOf puts a stage into words; unknown ones are shown as they come.
func wordsOf(name string) stageWords {
	switch name {
	case deploy.StageQueued:
		return stageWords{"Queue", "Waiting in the queue", "Left the queue"}
	case deploy.StageInitialize:
		return stageWords{"Initialize", "Initializing", "Initialized"}
	case deploy.StageCloneRepo:
		return stageWords{"Clone", "Cloning the repository", "Cloned the repository"}
	case deploy.StageBuild:
		return stageWords{"Build", "Building", "Built"}
	case deploy.StageDeploy:
		return stageWords{"Deploy", "Deploying", "Deployed"}
	}
	known := line(name, maxName)
	if known == "" {
		return stageWords{"Unknown", "Running an unknown step", "An unknown step is done"}
	}
	return stageWords{known, "Running " + known, known + " is done"}
}

// step is a stage as the place where something failed.
func step(name string) string {
	if line(name, maxName) == "" {
		return "an unknown step"
	}
	return "the " + strings.ToLower(wordsOf(name).title) + " step"
}

// stages draws the progress of a deployment.
func stages(d deploy.Deployment, s Style) []slack.Block {
	progress := inSight(d)
	if len(progress) == 0 {
		return nil
	}
	if !s.Plan {
		return []slack.Block{stageList(progress, d)}
	}
	tasks := make([]*slack.TaskCardBlock, 0, len(progress))
	for i, stage := range progress {
		// Names of unknown stages may be empty or twice the same; ids may not.
		task := slack.NewTaskCardBlock("stage-"+strconv.Itoa(i+1), stageTitle(stage))
		tasks = append(tasks, task.WithStatus(taskStatus(stage, d)))
	}
	return []slack.Block{slack.NewPlanBlock(summary(d)).WithTasks(tasks...)}
}

// inSight is the stages that are shown: all of them, as far as anybody has seen,
// and of very many those around the latest. What is skipped or gone has none.
func inSight(d deploy.Deployment) []deploy.Stage {
	if d.Skipped || d.Gone {
		return nil
	}
	progress := d.Progress()
	if len(progress) <= maxStages {
		return progress
	}
	latest := slices.IndexFunc(progress, func(s deploy.Stage) bool { return s.Name == d.Latest.Name })
	end := max(maxStages, latest+1)
	return progress[end-maxStages : end]
}

// summary is the progress in a few words.
func summary(d deploy.Deployment) string {
	stage := wordsOf(d.Latest.Name)
	switch d.Outcome() {
	case deploy.Succeeded:
		return joined(" in ", "Deployed", span(d.Duration()))
	case deploy.Failed:
		return joined(" after ", "Failed at "+step(d.Latest.Name), span(d.Duration()))
	case deploy.Canceled:
		return joined(" after ", "Canceled at "+step(d.Latest.Name), span(d.Duration()))
	case deploy.Skipped:
		return "Skipped"
	}
	if d.Latest.Status == deploy.StatusSuccess {
		return stage.done
	}
	return stage.doing
}

// stageTitle is a stage and how long it took. What did not run says so, because
// no mark does.
func stageTitle(s deploy.Stage) string {
	title := joined(" · ", wordsOf(s.Name).title, span(s.Duration()))
	if s.Status == deploy.StatusSkipped || s.Status == deploy.StatusCanceled {
		title += " · " + s.Status
	}
	return title
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
	return quiet(summary(d) + "\n" + strings.Join(parts, "   "))
}
