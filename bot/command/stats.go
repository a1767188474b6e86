package command

const daysForms = "Say how many days, such as 30d or 4w."

// maybeDays reads in all the words that are left how many days are meant.
func maybeDays(r *reader) *Error {
	if r.used == len(r.args) {
		return nil
	}
	span := line(r.args[r.used:])
	r.used = len(r.args)
	d, ok := asDuration(span)
	if !ok {
		return r.fail(Quote(span)+" is not a number of days. "+daysForms, r.daysInstead(span))
	}
	if fault := statsBounds.fault(span, d); fault != "" {
		return r.fail(fault, helpAbout(r.verb.Name))
	}
	r.cmd.Since = d
	return nil
}

// daysInstead is the command with the days that were probably meant.
func (r *reader) daysInstead(span string) string {
	if onlyDigits.MatchString(span) {
		span += "d"
	}
	d, ok := mendDuration(span)
	if !ok || !statsBounds.hold(d) {
		return helpAbout(r.verb.Name)
	}
	better := r.cmd
	better.Since = d
	return better.typeable()
}
