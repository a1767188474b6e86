package pagesapi

import (
	"errors"
	"iter"
	"net/url"
	"strconv"
)

// maxPages bounds a walk through a list whose far side never ends it.
const maxPages = 1000

func pageQuery(page, perPage int) url.Values {
	return url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(perPage)}}
}

// walk yields the items of all pages, each key once: a list that grows at its
// head while it is read shows the last items of a page again on the next.
func walk[T any](op string, perPage int, fetch func(page int) ([]T, ResultInfo, error), key func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		seen := map[string]bool{}
		for page := 1; page <= maxPages; page++ {
			items, info, err := fetch(page)
			if page > 1 && pastTheEnd(err) {
				return
			}
			if err != nil {
				yield(none, err)
				return
			}
			before := len(seen)
			for _, item := range items {
				if seen[key(item)] {
					continue
				}
				seen[key(item)] = true
				if !yield(item, nil) {
					return
				}
			}
			if len(seen) == before || !mayContinue(page, perPage, len(items), len(seen), info) {
				return
			}
		}
		yield(none, &Error{Kind: KindUnavailable, Op: op, Message: "unexpected reply: the list does not end", final: true})
	}
}

// mayContinue asks for another page after every full one, whatever the counts
// say, and after a short one only if they say that there is more: a wrong count
// then costs a call and never hides an item.
func mayContinue(page, perPage, got, seen int, info ResultInfo) bool {
	if info.PerPage > 0 {
		perPage = min(perPage, info.PerPage)
	}
	return got >= perPage || info.TotalPages > page || info.TotalCount > seen
}

// pastTheEnd reports a refusal of the page itself, which after a good one can
// only mean that there is no such page.
func pastTheEnd(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == KindRefused && e.Code == codeBadPage
}
