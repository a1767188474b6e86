package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
)

const waitingSweep = "SELECT kind FROM river_job WHERE kind = 'sweep' AND state = 'available' AND attempt = 0"

func TestTheAccountIsSweptPageByPageAndWhenItIsWanted(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		marks := make(chan deploy.SweepMark, 10)
		began := time.Date(2026, 7, 14, 12, 0, 0, 0, time.UTC)
		h := hands{sweep: func(_ context.Context, mark deploy.SweepMark) (deploy.SweepMark, time.Duration, error) {
			marks <- mark
			if mark.Page == 0 {
				return deploy.SweepMark{Page: 2, Began: began}, 0, nil
			}
			return deploy.SweepMark{}, time.Hour, nil
		}}
		// When the engine starts, then a pass goes from page to page, and rests.
		start(t, s, h)
		require.Equal(t, deploy.SweepMark{}, await(t, marks))
		require.Equal(t, deploy.SweepMark{Page: 2, Began: began}, await(t, marks))

		// When one is wanted meanwhile, then it begins at once, from the first page on.
		eventually(t, "it rests", func() bool { return len(query(t, url, waitingSweep)) == 1 })
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.Sweep(ctx) })
		require.Equal(t, deploy.SweepMark{}, await(t, marks))
		require.Equal(t, deploy.SweepMark{Page: 2, Began: began}, await(t, marks))
	})
}
