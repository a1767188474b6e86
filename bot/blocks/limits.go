package blocks

// Slack's limits, in characters unless said otherwise.
const (
	// maxAllText is what all text in a message's blocks may come to. Slack says
	// msg_blocks_too_long from about 12,000 on; the number is not documented.
	maxAllText = 10_000
	// maxFallback keeps the notification text below what chat.update refuses.
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
)

// Our own limits, for what a person can take in.
const (
	maxSubject  = 100
	maxName     = 60
	maxWords    = 600
	maxLogLines = 30
	maxLogLine  = 250
	maxListed   = 10
	maxProjects = 20
)
