package calendar_test

import (
	"testing"

	"motcua/locales"
	"motcua/portal/calendar"
)

// The reasons and units are codes here; a page can only word them if the keys are there.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		calendar.WhyReceived, calendar.WhyAfterCutOff, calendar.WhyAfterHours, calendar.WhyWeekend, calendar.WhyHoliday, calendar.WhyMakeUp,
		calendar.WhyWorkingDay, calendar.WhyCalendarDay, calendar.WhyMoved, calendar.WhyHours, calendar.WhySameDay,
		"calendar.rule." + calendar.WorkingDay, "calendar.rule." + calendar.WorkingHour, "calendar.rule." + calendar.CalendarDay, "calendar.rule." + calendar.SameDay,
	} {
		for _, l := range []locales.Lang{locales.VI, locales.EN} {
			if locales.Keys(l)[key] == "" {
				t.Errorf("%s has no %q", l, key)
			}
		}
	}
}
