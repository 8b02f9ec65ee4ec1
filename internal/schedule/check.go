package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An Error says what is wrong with a spec, in plain words.
type Error struct {
	Field   string // "minute", "@every"; empty when it is the whole spec
	Message string
	Hint    string // what to write instead; may be empty
}

func (e *Error) Error() string {
	text := e.Message
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// A field is one of the five, with the bounds that crontab(5) gives it.
type field struct {
	name     string
	min, max int
	names    []string // of min, min+1 …
}

func fields() []field {
	return []field{
		{name: "minute", max: 59},
		{name: "hour", max: 23},
		{name: "day of month", min: 1, max: 31},
		{name: "month", min: 1, max: 12, names: []string{
			"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
		}},
		{name: "day of week", max: 6, names: []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
	}
}

// check refuses everything but five sound fields and the known descriptors.
func check(spec string) error {
	switch {
	case spec == "":
		return &Error{Message: "empty", Hint: `write five fields, such as "0 6 * * *" for six every morning`}
	case len(spec) > maxSpec:
		return &Error{Message: fmt.Sprintf("longer than %d bytes", maxSpec)}
	case strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ="):
		// robfig/cron v3.0.1 panics on "TZ=", "TZ=0" and "CRON_TZ=UTC".
		return &Error{Message: "a schedule has no time zone of its own", Hint: "it is read in site.timezone; leave TZ= out"}
	case strings.HasPrefix(spec, "@"):
		return checkDescriptor(spec)
	}
	words := strings.Fields(spec)
	if len(words) != len(fields()) {
		return &Error{
			Message: fmt.Sprintf("five fields are needed, not %d", len(words)),
			Hint:    "write minute, hour, day of month, month and day of week; there are no seconds and no years",
		}
	}
	for i, f := range fields() {
		if err := f.check(words[i]); err != nil {
			return err
		}
	}
	return nil
}

func checkDescriptor(spec string) error {
	switch spec {
	case "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly":
		return nil
	}
	return &Error{
		Message: fmt.Sprintf("unknown word %q", spec),
		Hint:    "known are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @every",
	}
}

// check looks at one field: entries parted by commas, each "*", a value or a
// range, with or without a step.
func (f field) check(text string) error {
	for entry := range strings.SplitSeq(text, ",") {
		values, step, stepped := strings.Cut(entry, "/")
		if stepped {
			if err := f.checkStep(step); err != nil {
				return err
			}
		}
		if values == "*" {
			continue
		}
		if err := f.checkRange(values); err != nil {
			return err
		}
	}
	return nil
}

func (f field) checkStep(text string) error {
	step, ok := number(text)
	switch {
	case !ok:
		return f.wrong(fmt.Sprintf("the step %q is not a whole number", text), "")
	case step == 0:
		return f.wrong("a step of 0 never moves on", "the smallest step is 1")
	case step > f.max-f.min:
		return f.wrong(fmt.Sprintf("the step %d is too large", step), fmt.Sprintf("the largest step is %d", f.max-f.min))
	}
	return nil
}

func (f field) checkRange(text string) error {
	first, last, ranged := strings.Cut(text, "-")
	from, err := f.value(first)
	if err != nil || !ranged {
		return err
	}
	until, err := f.value(last)
	if err != nil {
		return err
	}
	if from > until {
		return f.wrong(fmt.Sprintf("the range %s goes backwards", text),
			fmt.Sprintf("write it as two: %d-%d,%d-%d", from, f.max, f.min, until))
	}
	return nil
}

func (f field) value(text string) (int, error) {
	if i := slices.Index(f.names, strings.ToLower(text)); i >= 0 {
		return f.min + i, nil
	}
	n, ok := number(text)
	switch {
	case text == "":
		return 0, f.wrong("a value is missing", "")
	case !ok && f.names != nil:
		return 0, f.wrong(fmt.Sprintf("%q is neither a number nor a name", text), "the names are "+strings.Join(f.names, ", "))
	case !ok:
		return 0, f.wrong(fmt.Sprintf("%q is not a whole number", text), "")
	case n == 7 && f.name == "day of week":
		return 0, f.wrong("7 is more than 6", "Sunday is 0")
	case n > f.max:
		return 0, f.wrong(fmt.Sprintf("%s is more than %d", text, f.max), "")
	case n < f.min:
		return 0, f.wrong(fmt.Sprintf("%s is less than %d", text, f.min), "")
	}
	return n, nil
}

func (f field) wrong(message, hint string) error {
	return &Error{Field: f.name, Message: message, Hint: hint}
}

// number reads digits only: strconv alone would take signs as well.
func number(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil
}
