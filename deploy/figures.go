package deploy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
)

// The days that figures are about, today included.
const (
	usualDays = 30
	// LongestStats is as far back as they reach.
	LongestStats = 90
)

// Stats are the figures of a project's last days, as far as somebody may read
// its deployments; zero days are 30. They come from what is remembered, after
// what is missing there was read from Cloudflare. Where there is more of it than
// one question has time for, they begin later, and the next question goes on.
func (s *Service) Stats(ctx context.Context, asker Asker, project string, days int) (Stats, error) {
	if err := s.mayRead(ctx, asker, project); err != nil {
		return Stats{}, err
	}
	if days == 0 {
		days = usualDays
	}
	if days < 1 || days > LongestStats {
		return Stats{}, tooFarBack(project)
	}
	if _, err := s.project(ctx, asker, project); err != nil {
		return Stats{}, err
	}
	to := midnight(s.now()).AddDate(0, 0, 1)
	from := to.AddDate(0, 0, -days)
	since, list, err := s.readBack(ctx, project, from)
	if err != nil {
		return Stats{}, err
	}
	if list, err = s.readable(ctx, asker, list); err != nil {
		return Stats{}, err
	}
	stats := Summarize(list, later(from, since), to)
	stats.Project, stats.Asked = project, days
	if since.After(from) {
		stats.Since = since
	}
	return stats, nil
}

func tooFarBack(project string) *Problem {
	return &Problem{
		Kind: NotPossible, What: "Show the figures of " + project, Why: fmt.Sprintf("they reach back %d days at most", LongestStats),
		Next: fmt.Sprintf("Ask for fewer days, for example `stats %s %dd`.", project, usualDays),
	}
}

// Known is the part of a project's list of deployments that needs no second
// look: all that was created from Since to Until was read, and is remembered as
// far as it has ended.
type Known struct {
	// Since is when the oldest was created that was read, zero where there was none.
	Since time.Time `json:"since,omitzero"`
	// Until is before the time in which deployments end and are told of. What is
	// younger is read each time, and remembered by those who tell of it.
	Until time.Time `json:"until,omitzero"`
	// Whole is true where the list has nothing older than Since.
	Whole bool `json:"whole,omitempty"`
}

func (k Known) same(other Known) bool {
	return k.Since.Equal(other.Since) && k.Until.Equal(other.Until) && k.Whole == other.Whole
}

// The bounds of what one question reads.
const (
	statsPages = 20
	readFor    = 8 * time.Second
	// answerTime is left of a run for the answer itself.
	answerTime = 3 * time.Second
)

// readingTime ends in time for the answer.
func readingTime(ctx context.Context) (context.Context, context.CancelFunc) {
	until := time.Now().Add(readFor)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-answerTime).Before(until) {
		until = deadline.Add(-answerTime)
	}
	return context.WithDeadline(ctx, until)
}

// readBack reads what is not known yet of a project's list, from the newest page
// back to a time, and keeps it page by page. It gives the deployments since that
// time, and since when these are all; the zero time is since ever.
func (s *Service) readBack(ctx context.Context, project string, from time.Time) (time.Time, []Deployment, error) {
	before, _, err := s.store.Known(ctx, project)
	if err != nil {
		return time.Time{}, nil, fmt.Errorf("read what is known of %s: %w", project, err)
	}
	reading, cancel := readingTime(ctx)
	defer cancel()
	w := walk{project: project, from: from, until: s.now().Add(-giveUp), page: 1, before: before, stored: before}
	for read := 0; read < statsPages && !w.reaches(); read++ {
		list, err := s.cf.page(reading, project, "", w.page)
		if err != nil && read == 0 {
			return time.Time{}, nil, err
		}
		if err != nil {
			s.log.Info("the older deployments are read another time", zap.String("project", project), zap.Int("page", w.page), zap.Error(err))
			break
		}
		if err := s.step(ctx, &w, list); err != nil {
			return time.Time{}, nil, err
		}
	}
	since := w.known.Since
	if w.known.Whole {
		since = time.Time{}
	}
	list, err := s.all(ctx, &w, later(from, since))
	return since, list, err
}

// walk is one reading of a project's list. It begins with the newest page; once
// it meets what was known before, it goes on where that ends.
type walk struct {
	project string
	// from is how far back it goes, and until up to when the read is kept.
	from, until time.Time
	page        int
	// before is what was known when the walk began, and known what is now.
	before, known Known
	// stored is what the walk last wrote, or found.
	stored Known
	read   []Deployment
	met    bool
	// leapt is true where pages were left out and nobody has seen yet that these
	// were not too many.
	leapt bool
}

// reaches reports whether all that is wanted is known.
func (w *walk) reaches() bool {
	return w.known.Whole || !w.known.Since.IsZero() && !w.known.Since.After(w.from)
}

// step takes in the page that was read and turns to the next.
func (s *Service) step(ctx context.Context, w *walk, list []Deployment) error {
	if w.leapt && w.page > 1 && !reachesInto(list, w.known) {
		w.page-- // Some were deleted, and the list is shorter than we know.
		return nil
	}
	met := w.met
	w.take(list)
	if err := s.keep(ctx, w, list); err != nil {
		return fmt.Errorf("keep page %d of the deployments of %s: %w", w.page, w.project, err)
	}
	w.page++
	if met || !w.met || w.reaches() {
		return nil
	}
	return s.leap(ctx, w)
}

// reachesInto reports whether a page continues what is known without a gap.
func reachesInto(list []Deployment, k Known) bool {
	return slices.ContainsFunc(list, func(d Deployment) bool { return !d.CreatedAt.Before(k.Since) })
}

// take adds a page to what is known.
func (w *walk) take(list []Deployment) {
	w.leapt = false
	w.read = append(w.read, list...)
	w.known.Until = w.until
	for _, d := range list {
		if !d.CreatedAt.IsZero() && (w.known.Since.IsZero() || d.CreatedAt.Before(w.known.Since)) {
			w.known.Since = d.CreatedAt
		}
	}
	if !w.met && !w.known.Since.IsZero() && !w.known.Since.After(w.before.Until) {
		w.met = true
		w.known.Since = earlier(w.known.Since, w.before.Since)
	}
	w.known.Whole = len(list) < pageSize || w.met && w.before.Whole
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// leap turns to the page on which what was known before ends.
func (s *Service) leap(ctx context.Context, w *walk) error {
	list, err := s.all(ctx, w, w.known.Since)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(d Deployment) bool { return d.Gone })
	if page := (len(list) + pageSize - 1) / pageSize; page > w.page {
		w.page, w.leapt = page, true
	}
	return nil
}

// all are the deployments since a time: those that were read just now, and those
// that are remembered.
func (s *Service) all(ctx context.Context, w *walk, since time.Time) ([]Deployment, error) {
	kept, err := s.store.CreatedSince(ctx, w.project, since)
	if err != nil {
		return nil, fmt.Errorf("read what is remembered of %s: %w", w.project, err)
	}
	var list []Deployment
	seen := map[string]bool{}
	for _, d := range slices.Concat(w.read, kept) {
		if !seen[d.ID] && !d.CreatedAt.Before(since) {
			list = append(list, d)
		}
		seen[d.ID] = true
	}
	return list, nil
}

// keep remembers what has ended on a page, and how far the walk has come. What is
// followed is left alone: following compares with what is remembered, and tells
// the difference.
func (s *Service) keep(ctx context.Context, w *walk, list []Deployment) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		followed, err := tx.Followed(ctx, w.project)
		if err != nil {
			return err
		}
		for _, d := range list {
			isIt := func(f Followed) bool { return f.Deployment.ID == d.ID }
			if d.CreatedAt.After(w.until) || !d.Outcome().Terminal() || slices.ContainsFunc(followed, isIt) {
				continue
			}
			if err := tx.SaveDeployment(ctx, d); err != nil {
				return err
			}
		}
		stored, _, err := tx.Known(ctx, w.project)
		if err != nil || !stored.same(w.stored) {
			return err // Somebody else reads as well, or some of it was forgotten: that stands.
		}
		return tx.SaveKnown(ctx, w.project, w.known)
	})
	w.stored = w.known
	return err
}
