package pagesfake

import "fmt"

// uuid returns the next random UUID (version 4) of the seed.
func (s *Server) uuid() string {
	high := s.ids.Uint64()&^0xf000 | 0x4000
	low := s.ids.Uint64()&^(0b11<<62) | 0b10<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
}

// hash returns the next commit hash of the seed.
func (s *Server) hash() string {
	return fmt.Sprintf("%016x%016x%08x", s.ids.Uint64(), s.ids.Uint64(), s.ids.Uint32())
}

func (s *Server) ray() string {
	return fmt.Sprintf("%016x-AMS", s.rays.Uint64())
}
