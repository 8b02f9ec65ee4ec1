// Package schedule turns a cron spec or an interval into the next time. It
// checks everything itself before github.com/robfig/cron sees it, because that
// library panics on some specs and accepts others that make no sense.
//
// A spec is five fields (minute, hour, day of month, month, day of week), one of
// @hourly, @daily, @midnight, @weekly, @monthly and @yearly, or "@every 90m".
// When both day fields are narrowed, a day that fits either of them counts, as
// in every cron since crontab(5).
//
// A spec is read in one time zone, and where clocks are changed:
//
//   - a time of day that comes twice runs the first time only, so that a run is
//     never doubled; cron alone would run it again;
//   - a time of day that does not come at all that day is left out, and the next
//     run is on the next day that has it; this is what cron does.
//
// Intervals count elapsed time and know nothing of clocks.
package schedule
