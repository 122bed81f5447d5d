package signin

import "motcua/portal/problem"

// LevelNeeded is the text of the problem that Proves gives; its pages offer to prove more.
const LevelNeeded = "signin.level_needed"

// Proves is nil when the person has proven that level of identity in this session.
func (p Person) Proves(level int) error {
	if p.Level < level {
		return problem.New(problem.Forbidden, LevelNeeded)
	}
	return nil
}
