package pagesfake

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Error codes of the API as recorded or documented.
const (
	codeAuthentication     = 10000
	codeUnauthorized       = 9109
	codeMalformedHeader    = 6003
	codeBadAuthorization   = 6111
	codeNoRoute            = 7003
	codeThrottled          = 971
	codeUnknown            = 8000000
	codeProjectNotFound    = 8000007
	codeDeploymentNotFound = 8000009
	codeListOptions        = 8000024
	codeAliased            = 8000035
	codeManifestMissing    = 8000096
)

// Error codes made up for refusals whose true codes nobody has recorded. Code
// under test must show the message and not depend on the number.
const (
	codeDeleteLive      = 8000034
	codeInvalidRollback = 8000039
	codeInvalidRetry    = 8000040
)

var accountIDShape = regexp.MustCompile(`^[0-9a-f]{32}$`)

// refuseAccess checks the token and the account of a call.
func (s *Server) refuseAccess(r *request) (reply, bool) {
	token, isBearer := strings.CutPrefix(r.authorization, "Bearer ")
	switch account, named := r.params["account"]; {
	case r.authorization == "":
		return notAuthenticated(), true
	case !isBearer || strings.ContainsAny(token, " \t") || token == "":
		return malformedAuthorization(), true
	case token != s.token:
		return notAuthenticated(), true
	case !named || account == s.account:
		return reply{}, false
	case !accountIDShape.MatchString(account):
		return noRoute(r.path), true
	default:
		return refuse(http.StatusForbidden, codeUnauthorized, "Unauthorized to access requested resource"), true
	}
}

func notAuthenticated() reply {
	return jsonReply(http.StatusUnauthorized, bareEnvelope{
		Errors: []apiError{{Code: codeAuthentication, Message: "Authentication error"}},
	})
}

func malformedAuthorization() reply {
	return refuseWith(http.StatusBadRequest, apiError{
		Code: codeMalformedHeader, Message: "Invalid request headers",
		ErrorChain: []apiError{{Code: codeBadAuthorization, Message: "Invalid format for Authorization header"}},
	})
}

func noRoute(path string) reply {
	return refuse(http.StatusNotFound, codeNoRoute, "Could not route to "+path+", perhaps your object identifier is invalid?")
}

func tooManyRequests(reset time.Duration) reply {
	r := refuse(http.StatusTooManyRequests, codeThrottled, "Please wait and consider throttling your request speed")
	r.header.Set("Retry-After", seconds(reset))
	return r
}

func projectNotFound() reply {
	return refuse(http.StatusNotFound, codeProjectNotFound,
		"Project not found. The specified project name does not match any of your existing projects.")
}

func deploymentNotFound() reply {
	return refuse(http.StatusNotFound, codeDeploymentNotFound,
		"Deployment not found. The deployment ID you have specified does not exist.")
}

func badListOptions() reply {
	return refuse(http.StatusBadRequest, codeListOptions,
		"Invalid list options provided. Review the `page` or `per_page` parameter.")
}

func badForm() reply {
	return refuse(http.StatusBadRequest, codeUnknown, "The request body could not be read as multipart/form-data.")
}

func manifestMissing() reply {
	return refuse(http.StatusBadRequest, codeManifestMissing, "A \"manifest\" field was expected in the request body but was not provided.")
}

func aliasedDeployment() reply {
	return refuse(http.StatusBadRequest, codeAliased,
		"Cannot delete an aliased deployment without a `?force=true` parameter.")
}

func liveDeployment() reply {
	return refuse(http.StatusBadRequest, codeDeleteLive, "Cannot delete the active production deployment of this project.")
}

func invalidRollback() reply {
	return refuse(http.StatusBadRequest, codeInvalidRollback,
		"Cannot roll back to this deployment. Only a successful production deployment is a valid target.")
}

func invalidRetry(why string) reply {
	return refuse(http.StatusBadRequest, codeInvalidRetry, "Cannot retry this deployment: "+why+".")
}
