package pagesapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// A TokenStatus tells whether the token may be used.
type TokenStatus struct {
	// ID names the token; it is no secret.
	ID string
	// Status is "active", "disabled" or "expired".
	Status string
	// ExpiresOn and NotBefore are zero where the token has no such bound.
	ExpiresOn time.Time
	NotBefore time.Time
}

// VerifyToken asks what the API thinks of the token: as a user's token first,
// and where that is refused as one that the account owns.
//
// See https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
// and https://developers.cloudflare.com/api/resources/accounts/subresources/tokens/methods/verify/.
func (c *Client) VerifyToken(ctx context.Context) (TokenStatus, error) {
	user := call{op: "verify token", method: http.MethodGet, path: []string{"user", "tokens", "verify"}}
	status, err := one(ctx, c, user, decodeToken)
	if !declined(err) {
		return status, err
	}
	account := user
	account.path = []string{"accounts", c.account, "tokens", "verify"}
	status, accountErr := one(ctx, c, account, decodeToken)
	if declined(accountErr) {
		return TokenStatus{}, err
	}
	return status, accountErr
}

// declined reports a definite no of the API, as opposed to no usable answer.
func declined(err error) bool {
	switch KindOf(err) {
	case KindAuthentication, KindNotFound, KindRefused:
		return true
	}
	return false
}

func decodeToken(raw json.RawMessage) (TokenStatus, error) {
	var w wireToken
	if err := decodeObject(raw, &w); err != nil {
		return TokenStatus{}, err
	}
	if w.Status == "" {
		return TokenStatus{}, errors.New("a token without a status")
	}
	return TokenStatus{ID: w.ID, Status: w.Status, ExpiresOn: w.ExpiresOn.Time, NotBefore: w.NotBefore.Time}, nil
}
