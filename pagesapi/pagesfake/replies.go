package pagesfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

// reply is a finished answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// envelope is what every JSON reply of the API is wrapped in.
type envelope struct {
	Result     any         `json:"result"`
	Success    bool        `json:"success"`
	Errors     []apiError  `json:"errors"`
	Messages   []message   `json:"messages"`
	ResultInfo *resultInfo `json:"result_info,omitempty"`
}

// bareEnvelope is what was recorded of an authentication error: nothing else.
type bareEnvelope struct {
	Success bool       `json:"success"`
	Errors  []apiError `json:"errors"`
}

type apiError struct {
	Code       int        `json:"code"`
	Message    string     `json:"message"`
	ErrorChain []apiError `json:"error_chain,omitempty"`
}

// message is a note of the token endpoints; its type was seen as null only.
type message struct {
	Code    int     `json:"code"`
	Message string  `json:"message"`
	Type    *string `json:"type"`
}

type resultInfo struct {
	Page       int `json:"page"`
	PerPage    int `json:"per_page"`
	Count      int `json:"count"`
	TotalCount int `json:"total_count"`
	TotalPages int `json:"total_pages"`
}

func succeed(result any) reply {
	return jsonReply(http.StatusOK, envelope{Result: result, Success: true, Errors: []apiError{}, Messages: []message{}})
}

func refuse(status, code int, text string) reply {
	return refuseWith(status, apiError{Code: code, Message: text})
}

func refuseWith(status int, errs ...apiError) reply {
	return jsonReply(status, envelope{Errors: errs, Messages: []message{}})
}

func jsonReply(status int, body any) reply {
	encoded, err := json.Marshal(body)
	if err != nil {
		// Wire types hold strings, numbers and maps of them: they always encode.
		panic(fmt.Sprintf("pagesfake: encode a reply: %v", err))
	}
	r := reply{status: status, body: encoded, header: make(http.Header)}
	r.header.Set("Content-Type", "application/json")
	return r
}

func (r reply) write(w http.ResponseWriter, v visit) {
	h := w.Header()
	maps.Copy(h, r.header)
	h.Set("Cf-Ray", v.ray)
	v.rate.writeTo(h)
	w.WriteHeader(r.status)
	// The caller may have left; there is nobody to tell.
	_, _ = w.Write(r.body)
}
