package deploy_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"pagesbot/deploy"
	"pagesbot/pagesapi"
	"pagesbot/pagesapi/pagesfake"
)

const (
	account = pagesfake.DefaultAccountID
	ada     = "UADA"
)

// permits lets people read what the function says.
type permits func(deploy.Wish) bool

func (r permits) Authorize(_ context.Context, w deploy.Wish) (deploy.Grant, error) {
	if !r(w) {
		return deploy.Grant{}, &deploy.Problem{Kind: deploy.NotAllowed}
	}
	return deploy.Grant{Rules: []string{"readers"}}, nil
}

func (r permits) Agree(context.Context, deploy.Wish, deploy.Need, deploy.Asker) error {
	return errors.New("nobody agrees here")
}

func (r permits) Rights(context.Context, deploy.Asker) ([]deploy.Right, error) { return nil, nil }

func everybody(deploy.Wish) bool { return true }

// wire is a connection in memory.
type wire struct{ http.Handler }

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer.Result(), r.Context().Err()
}

// connected is a client of the make-believe account.
func connected(t *testing.T, way http.RoundTripper) *pagesapi.Client {
	t.Helper()
	client, err := pagesapi.New(pagesapi.Options{
		BaseURL: "http://pages.test/client/v4", AccountID: account, Token: pagesfake.DefaultToken, HTTPClient: &http.Client{Transport: way},
	})
	require.NoError(t, err)
	return client
}
