package store_test

import (
	"context"
	"testing"
	"time"

	"pagesbot/deploy"
	"pagesbot/store"
)

func TestAnOutageIsRememberedUntilItEnds(t *testing.T) {
	remembering(t, func(t *testing.T, s *store.Store, _ *clock) {
		outage := func(project string) result[deploy.Outage] { return hit(s.Outage(t.Context(), project)) }
		store := func(o deploy.Outage) {
			update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.SaveOutage(ctx, o) })
		}
		// Given one of which nobody was told.
		missing(t, outage("docs"))
		docs := deploy.Outage{Project: "docs", Since: noon}
		store(docs)
		found(t, docs, outage("docs"))
		missing(t, outage("shop"))

		// When somebody is, then that is remembered.
		docs.Told = []string{"t1", "t2"}
		store(docs)
		shop := deploy.Outage{Project: "shop", Since: noon.Add(time.Minute)}
		store(shop)
		found(t, docs, outage("docs"))

		// When it ends, then it is forgotten, and no other is.
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.EndOutage(ctx, "docs") })
		missing(t, outage("docs"))
		found(t, shop, outage("shop"))
		update(t, s, func(ctx context.Context, tx deploy.Tx) error { return tx.EndOutage(ctx, "docs") })
	})
}
