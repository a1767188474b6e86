package blocks

// Slack's limits, in characters unless said otherwise.
const (
	// maxFallback keeps the text for notifications, together with a hint, below
	// the 4,000 that chat.update refuses.
	// https://docs.slack.dev/reference/methods/chat.update
	maxFallback = 3000
	// https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
	maxConfirmTitle  = 100
	maxConfirmText   = 300
	maxConfirmButton = 30
	// https://docs.slack.dev/reference/block-kit/block-elements/button-element
	maxButtonValue = 2000
	maxButtonURL   = 3000
	// https://docs.slack.dev/surfaces/modals
	maxModalTitle = 24
	// https://docs.slack.dev/reference/views/home-tab-views
	maxViewBlocks = 100
	// maxOption is for the text and the description of an option.
	// https://docs.slack.dev/reference/block-kit/composition-objects/option-object
	maxOption = 75
)

// Our own limits, for what a person can take in. They also keep all text in a
// message's blocks below 10,000 characters: from about 12,000 on Slack says
// msg_blocks_too_long, and it documents no number.
const (
	maxSubject = 100
	maxName    = 60
	// maxBranch is what git allows a branch, in bytes.
	maxBranch   = 255
	maxShort    = 12
	maxWords    = 600
	maxCommand  = 150
	maxStages   = 12
	maxLogLines = 30
	maxLogLine  = 250
	maxLastLine = 200
	maxListed   = 10
	maxProjects = 20
	maxAliases  = 3
	maxNeeds    = 5
	maxHandle   = 30
	// maxAuthor leaves the other facts about a deployment their room beside it.
	maxAuthor = 28
	maxRows   = 8000
	// maxViewText keeps a Home tab as short as a message.
	maxViewText  = 9000
	maxRequests  = 8
	maxOverviews = 30
	maxBuilds    = 3
	maxRecent    = 5
)
