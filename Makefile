# Everything that is done often. `make` alone runs the tests.
.DEFAULT_GOAL := test

GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# How fast a burst of commands is acknowledged; anything beside it would be measured too.
BURST := go test ./cmd/pagesbot -count=1 -run Burst -v

# The race detector watches everything but SQLite itself: that is C made into Go,
# has no goroutines, and would take most of the time.
RACE := go test -race -timeout 20m $(foreach p,sqlite/lib libc/... memory mathutil,-gcflags=modernc.org/$(p)=-race=false)

# Seeds of the simulation, and the first of them.
SEEDS ?= 200
SEED ?= 1
SIMULATE := go test ./cmd/internal/app -count=1 -timeout 0 -run 'TestSimulation$$'

.PHONY: test sandbox build check lint fmt golden burst simulate soak

test: ## every test with the race detector, then without it what it makes too slow
	$(RACE) ./...
	go test ./cmd/internal/app -count=1 -run 'Simulation|EveryStep|HundredPushes'
	$(BURST)

sandbox: ## a Slack and a Pages account in the browser, with the real bot between
	go run ./cmd/sandbox

burst: ## how fast a burst of commands is acknowledged here
	$(BURST)

simulate: ## SEEDS seeds of people, faults and power failures, from SEED on
	$(SIMULATE) -seed=$(SEED) -seeds=$(SEEDS)

soak: ## the long forms: hours, not minutes
	go test ./cmd/internal/app -count=1 -timeout 0 -run 'EveryStep|LeavesNothing' -every-step -load-minutes=30 -v
	go test ./cmd/pagesbot -count=1 -timeout 0 -run 'Killed|ComesBack|FillsUp|AfterTheOther' -kill-rounds=100 -replica-commands=200 -outage=2m -disk-full=2m -rolling-restarts=5 -v
	$(SIMULATE) -seeds=10000

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
