package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/store/storetest"
)

// inside tells a story that looks inside of a store, on both databases.
func inside(t *testing.T, tell func(t *testing.T, s *Store)) {
	t.Helper()
	t.Parallel()
	begin := func(t *testing.T, url string) *Store {
		t.Helper()
		s := &Store{now: time.Now}
		require.NoError(t, s.open(t.Context(), url))
		s.queries = queries{on: plainRunner{s.db}}
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		tell(t, begin(t, filepath.Join(t.TempDir(), "pagesbot.db")))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		tell(t, begin(t, storetest.Postgres(t)))
	})
}

func (s *Store) schema(t *testing.T) (version int) {
	t.Helper()
	require.NoError(t, s.db.QueryRowContext(t.Context(), "SELECT COALESCE(MAX(version), 0) FROM schema_version").Scan(&version))
	return version
}

func names(t *testing.T, files fs.FS) []string {
	t.Helper()
	list, err := fs.Glob(files, "migrations/*.sql")
	require.NoError(t, err)
	return list
}

func TestAMigrationHappensWhollyOrNotAtAll(t *testing.T) {
	inside(t, func(t *testing.T, s *Store) {
		files, known := fstest.MapFS{}, 0
		for _, name := range names(t, migrations) {
			text, err := migrations.ReadFile(name)
			require.NoError(t, err)
			files[name] = &fstest.MapFile{Data: text}
			known++
		}
		files["migrations/9999_more.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE more (id TEXT); INSERT INTO more VALUES ('x'); INSERT INTO nowhere VALUES (1);")}
		// Given a fresh database, when the last migration breaks in its middle, then
		// none of them happened.
		require.ErrorContains(t, s.migrate(t.Context(), files), "9999_more.sql")
		_, err := s.db.ExecContext(t.Context(), "SELECT id FROM envelopes")
		require.Error(t, err)

		// When it breaks later, on a database in use, then that is as before.
		require.NoError(t, s.migrate(t.Context(), migrations))
		require.NoError(t, s.SetFact(t.Context(), "key", "value"))
		require.ErrorContains(t, s.migrate(t.Context(), files), "9999_more.sql")
		require.Equal(t, known, s.schema(t))
		_, err = s.db.ExecContext(t.Context(), "SELECT id FROM more")
		require.Error(t, err)
		value, found, err := s.Fact(t.Context(), "key")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, "value", value)

		// When it is mended, then it happens once.
		files["migrations/9999_more.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE more (id TEXT); INSERT INTO more VALUES ('x');")}
		require.NoError(t, s.migrate(t.Context(), files))
		require.NoError(t, s.migrate(t.Context(), files))
		require.Equal(t, known+1, s.schema(t))

		// And this program refuses what that newer one wrote, and leaves it alone.
		require.EqualError(t, s.migrate(t.Context(), migrations),
			fmt.Sprintf("the database has schema %d and this pagesbot knows %d; run the newer pagesbot that wrote it", known+1, known))
		require.Equal(t, known+1, s.schema(t))
	})
}

// spy asks for the plan of every statement before it runs it.
type spy struct {
	t     *testing.T
	on    runner
	how   string
	plans []string
}

func (s *spy) explain(ctx context.Context, query string, args []any) {
	s.t.Helper()
	rows, err := s.on.QueryContext(ctx, s.how+query, args...)
	require.NoError(s.t, err, query)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(s.t, err)
	var plan strings.Builder
	for rows.Next() {
		line := make([]any, len(columns))
		for i := range line {
			line[i] = new(sql.NullString)
		}
		require.NoError(s.t, rows.Scan(line...))
		plan.WriteString(line[len(line)-1].(*sql.NullString).String + "\n")
	}
	require.NoError(s.t, rows.Err())
	s.plans = append(s.plans, query+"\n"+plan.String())
}

func (s *spy) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s.explain(ctx, query, args)
	return s.on.ExecContext(ctx, query, args...)
}

func (s *spy) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s.explain(ctx, query, args)
	return s.on.QueryContext(ctx, query, args...)
}

func (s *spy) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s.explain(ctx, query, args)
	return s.on.QueryRowContext(ctx, query, args...)
}

func TestNoStatementReadsAWholeTable(t *testing.T) {
	inside(t, func(t *testing.T, s *Store) {
		require.NoError(t, s.migrate(t.Context(), migrations))
		var err error
		s.jobs, err = s.client(nil)
		require.NoError(t, err)
		err = s.transact(t.Context(), func(t2 *tx) error {
			ctx, watch := t.Context(), &spy{t: t, on: t2.on, how: "EXPLAIN QUERY PLAN "}
			if s.dialect == Postgres {
				// A small table is read as a whole in any case, unless that is forbidden.
				require.NoError(t, t2.exec(ctx, "forbid", "SET LOCAL enable_seqscan = off"))
				watch.how = "EXPLAIN "
			}
			t2.on = watch
			everyStatement(t, t2)
			require.Greater(t, len(watch.plans), 25)
			for _, plan := range watch.plans {
				require.NotContains(t, strings.ReplaceAll(plan, "SCAN CONSTANT ROW", ""), "SCAN", "on SQLite")
				require.NotContains(t, plan, "Seq Scan", "on PostgreSQL")
			}
			return nil
		})
		require.NoError(t, err)
	})
}

// everyStatement runs what is run again and again while there is work.
func everyStatement(t *testing.T, q *tx) {
	t.Helper()
	ctx := t.Context()
	does := func(err error) { t.Helper(); require.NoError(t, err) }
	does(q.SaveAction(ctx, deploy.Action{ID: "a", Envelope: "e", Press: "p", Result: "d"}))
	does(q.SaveThread(ctx, deploy.Thread{ID: "t", Channel: "c", Root: "r"}))
	does(q.SaveDeployment(ctx, deploy.Deployment{Project: "p", ID: "d"}))
	does(q.Follow(ctx, "p", "d"))
	does(q.Unfollow(ctx, "p", "d"))
	does(q.put(ctx, deploy.Message{Thread: "t", Kind: deploy.CardMessage}))
	does(q.mark(ctx, "t", 1, stateSending))
	does(q.end(ctx, "t", 1, stateSent, "ts", ""))
	does(q.say(ctx, "t", []deploy.Message{{Thread: "t", Kind: deploy.NoteMessage}}))
	does(q.SaveOutage(ctx, deploy.Outage{Project: "p", Told: []string{"t"}}))
	_, _, err := q.Outage(ctx, "p")
	does(err)
	does(q.EndOutage(ctx, "p"))
	everyStatementOfHousekeeping(t, q)
	everyStatementOfAuthority(t, q)
	_, err = q.SaveLive(ctx, "p", "d", time.Now())
	does(err)
	_, err = q.wishes(ctx, "p")
	does(err)
	_, _, err = q.next(ctx, "t")
	does(err)
	_, err = q.Waiting(ctx)
	does(err)
	_, _, err = q.Action(ctx, "a")
	does(err)
	_, _, err = q.ActionByEnvelope(ctx, "e")
	does(err)
	_, _, err = q.ActionByPress(ctx, "p")
	does(err)
	_, _, err = q.ActiveAction(ctx, deploy.KindRetry, "p", "d")
	does(err)
	_, _, err = q.ActionByResult(ctx, "p", "d")
	does(err)
	_, err = q.LostActions(ctx, "p")
	does(err)
	_, err = q.DeploymentsLike(ctx, "d")
	does(err)
	_, err = q.Followed(ctx, "p")
	does(err)
	_, err = q.ThreadsOf(ctx, "p", "d")
	does(err)
	_, _, err = q.ThreadByRoot(ctx, "c", "r")
	does(err)
	does(q.fill(ctx, &deploy.Card{Thread: deploy.Thread{ID: "t", Project: "p", Deployment: "d", Action: "a"}}))
}

func TestWhereTheDatabaseIs(t *testing.T) {
	t.Parallel()
	cases := []struct {
		url     string
		dialect Dialect
		where   string
	}{
		{"pagesbot.db", SQLite, "pagesbot.db"},
		{"/var/lib/pages bot/100%?.db", SQLite, "/var/lib/pages bot/100%?.db"},
		{"sqlite:pagesbot.db", SQLite, "pagesbot.db"},
		{"sqlite://pagesbot.db", SQLite, "pagesbot.db"},
		{"sqlite:///var/lib/pagesbot.db", SQLite, "/var/lib/pagesbot.db"},
		{"SQLite:pagesbot.db", SQLite, "pagesbot.db"},
		{"file:pagesbot.db", SQLite, "pagesbot.db"},
		{"file:///var/lib/pagesbot.db", SQLite, "/var/lib/pagesbot.db"},
		{"with:colon.db", SQLite, "with:colon.db"},
		{"postgres://u:secret@h/n", Postgres, "postgres://u:secret@h/n"},
		{"PostgreSQL://u:secret@h/n", Postgres, "postgresql://u:secret@h/n"},
		{"host=h user=u password=secret", Postgres, "host=h user=u password=secret"},
	}
	for _, c := range cases {
		dialect, where, err := locate(c.url)
		require.NoError(t, err, c.url)
		require.Equal(t, c.dialect, dialect, c.url)
		require.Equal(t, c.where, where, c.url)
	}
	for _, url := range []string{"", "sqlite:", "mysql://u:secret@h/n", "sqlite:mysql://u:secret@h", "postgres+ssl://u:secret@h/n"} {
		_, _, err := locate(url)
		require.ErrorContains(t, err, "postgres://user:password@host/name", url)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestTheWaitsAfterErrors(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	policy := retryPolicy{now: func() time.Time { return now }}
	var waits []time.Duration
	for failed := range 8 {
		job := &rivertype.JobRow{Errors: make([]rivertype.AttemptError, failed)}
		waits = append(waits, policy.NextRetry(job).Sub(now)/time.Second)
	}
	require.Equal(t, []time.Duration{1, 2, 4, 8, 16, 30, 30, 30}, waits)
}

func everyStatementOfHousekeeping(t *testing.T, q *tx) {
	t.Helper()
	ctx, future := t.Context(), time.Now().Add(time.Hour)
	_, err := q.forgetEnvelopes(ctx, future)
	require.NoError(t, err)
	_, _, err = q.forgetThreads(ctx, future, item{})
	require.NoError(t, err)
	_, err = q.forgetThread(ctx, "t", future)
	require.NoError(t, err)
	_, _, err = q.forgetDeployments(ctx, future, item{})
	require.NoError(t, err)
	require.NoError(t, q.forgetDeployment(ctx, "p", "d", future))
}

func everyStatementOfAuthority(t *testing.T, q *tx) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, q.SaveLock(ctx, deploy.Lock{ID: "l", Project: "p"}))
	_, _, err := q.Lock(ctx, "l")
	require.NoError(t, err)
	_, _, err = q.LastLock(ctx, "p")
	require.NoError(t, err)
	_, err = q.Requested(ctx, "p")
	require.NoError(t, err)
	_, err = q.RecentThreads(ctx, "p", 10)
	require.NoError(t, err)
	require.NoError(t, q.append(ctx, deploy.Event{Key: "k", Project: "p", User: "u"}))
	_, err = q.forgetEvents(ctx, time.Now().Add(-time.Hour))
	require.NoError(t, err)
	for _, query := range []deploy.HistoryQuery{
		{Limit: 10}, {Project: "p", Limit: 10}, {User: "u", Limit: 10}, {Since: time.Now(), Limit: 10},
		{Project: "p", User: "u", Since: time.Now(), After: "k", Limit: 10}, {Ascending: true, After: "k", Limit: 10},
	} {
		_, err = q.History(ctx, query)
		require.NoError(t, err)
	}
}
