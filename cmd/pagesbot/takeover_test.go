package main

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"pagesbot/pagesapi/pagesfake"
	"pagesbot/store/storetest"
)

// The bounds of a takeover. What ran is taken over when it is older than a job may
// be; what did not run is looked at when its time has come.
const (
	takenOverWithin = time.Minute
	lookedAtWithin  = 10 * time.Second
)

// TestAReplicaTakesOverFromOneThatIsKilled: of two processes the one that leads is
// killed while its call to Cloudflare hangs, and does not come back.
func TestAReplicaTakesOverFromOneThatIsKilled(t *testing.T) {
	t.Parallel()
	p := newProgram(t, hurried)
	address := storetest.Postgres(t)
	p.setDatabase(address)
	p.pages.AddProject(pagesfake.ProjectSpec{Name: "shop", ProductionBranch: "main", Subdomain: "shop.pages.dev"})
	p.pages.SetPace(buildsLast(90 * time.Second))
	p.start(1)
	require.True(t, p.saysIn(rooms()[0], "deploy shop steady").Acked)
	p.until("it is followed", func() bool { return p.calls("list", "shop") > 1 })
	p.hang()
	var tally tally
	tally.asks(p, "hanging")
	p.until("the call hangs", func() bool { return p.calls("create", "docs") == 1 })
	other := p.replica()
	other.start(3)
	jobs := connect(t, address)
	p.until("no look is under way, and none is about to be", func() bool {
		return jobs("kind = 'follow' AND state = 'available' AND scheduled_at > now() + interval '1 second'") == 1
	})
	looks := p.calls("list", "shop")

	p.kill()
	killed := time.Now()

	p.until("what did not run is looked at", func() bool { return p.calls("list", "shop") > looks })
	looked := time.Since(killed)
	p.until("what ran goes on", func() bool { return jobs("kind = 'handle' AND attempt > 1") == 1 })
	taken := time.Since(killed)
	t.Logf("after the kill the other process looked at what is followed in %s, and went on with what ran in %s",
		looked.Round(time.Millisecond), taken.Round(time.Millisecond))
	require.Less(t, looked, lookedAtWithin)
	require.Less(t, taken, takenOverWithin)
	p.pages.SetPace(0.2)
	p.everythingIsTold(2)
	require.Equal(t, tally.taken, p.branches())
	other.stop()
}

// connect gives what counts jobs in the database.
func connect(t *testing.T, address string) func(which string) int {
	t.Helper()
	db, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close(context.Background())) })
	return func(which string) (count int) {
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM river_job WHERE "+which).Scan(&count); err != nil {
			t.Error(err)
		}
		return count
	}
}
