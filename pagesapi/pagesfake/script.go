package pagesfake

// script is what a project's next builds will do: one ending each, in the order
// in which they were asked for.
type script struct {
	endings []ending
	lines   []string
}

// FailNext makes the next build of a project fail at the named stage, with lines
// in its log that say so. A name that no stage has means build. Like SkipNext and
// CancelNext it queues up: two calls mean two builds. A build is started by a
// create, a retry or a Push; an upload is none.
func (s *Server) FailNext(project, stage string) {
	s.queueEnding(project, ending{stage: stageNamed(stage), status: failure})
}

// SkipNext makes the next build of a project a skipped one: it stays queued and
// idle for ever, and only is_skipped tells. A reason of "" leaves skip_reason out.
func (s *Server) SkipNext(project, reason string) {
	s.queueEnding(project, ending{skipped: true, skipReason: reason})
}

// CancelNext makes somebody cancel the next build of a project halfway through
// its build stage.
func (s *Server) CancelNext(project string) {
	s.queueEnding(project, ending{stage: build, status: canceled})
}

// LogLines puts lines into the log of the project's next build, in its build
// stage or in an earlier one at which it fails.
func (s *Server) LogLines(project string, lines ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sc := s.scriptOf(project)
	sc.lines = append(sc.lines, lines...)
	s.version++
}

func (s *Server) queueEnding(project string, e ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sc := s.scriptOf(project)
	sc.endings = append(sc.endings, e)
	s.version++
}

// scriptOf works for projects that are yet to be added.
func (s *Server) scriptOf(project string) *script {
	if s.scripts[project] == nil {
		s.scripts[project] = &script{}
	}
	return s.scripts[project]
}

func (s *Server) takeScript(project string) (ending, []string) {
	sc := s.scriptOf(project)
	end, lines := successful(), sc.lines
	sc.lines = nil
	if len(sc.endings) > 0 {
		end, sc.endings = sc.endings[0], sc.endings[1:]
	}
	return end, lines
}
