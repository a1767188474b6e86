# Everything that is done often. `make` alone runs the tests.
.DEFAULT_GOAL := test

GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULN := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0

# How fast a burst of commands is acknowledged; anything beside it would be measured too.
BURST := go test ./cmd/pagesbot -count=1 -run Burst -v

.PHONY: test sandbox build check lint fmt golden burst

test: ## every test with the race detector, then alone what measures
	go test -race ./...
	$(BURST)

sandbox: ## a Slack and a Pages account in the browser, with the real bot between
	go run ./cmd/sandbox

burst: ## how fast a burst of commands is acknowledged here
	$(BURST)

build: ## one static binary
	CGO_ENABLED=0 go build -trimpath -o bin/pagesbot ./cmd/pagesbot

check: fmt lint test ## what a change must pass

fmt:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w ."; exit 1; }
	go vet ./...

lint:
	$(GOLANGCI) run

golden: ## draw the golden blocks anew; read the difference before you commit it
	go test ./bot/blocks -update
