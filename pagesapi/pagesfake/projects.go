package pagesfake

import "net/http"

func (s *Server) listProjects(c call) reply {
	var all []wireProject
	for _, p := range s.projects {
		all = append(all, p.wireProject(c.now))
	}
	return listReply(all, c.query, maxProjects)
}

func (s *Server) getProject(c call) reply {
	return succeed(c.project.wireProject(c.now))
}

// verify answers both token endpoints. The success carries a message with the
// very code that an authentication error has.
func (s *Server) verify(call) reply {
	return jsonReply(http.StatusOK, envelope{
		Result:   wireToken{ID: "ed17574386854bf78a67040be0a770b0", Status: "active"},
		Success:  true,
		Errors:   []apiError{},
		Messages: []message{{Code: codeAuthentication, Message: "This API Token is valid and active"}},
	})
}
