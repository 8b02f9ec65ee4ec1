package normalizer

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

const (
	// maxDateBytes bounds the work. The longest shape that was ever seen, with a
	// weekday, a month in words and a named zone, has 70 bytes.
	maxDateBytes = 120
	// minYear and maxYear bound what is a date of news. Below stand the zero times
	// of .NET (0001), PHP (0000) and SQL Server (1900), and hotlines, which begin
	// with 1900; above, RFC 3339 cannot write it.
	minYear, maxYear = 1901, 9999
	// maxZone is the largest offset in use, +14:00 (Kiribati).
	maxZone = 14 * 3600
)

// dateRules are what a date means beyond its own words.
type dateRules struct {
	zone    *time.Location    // of dates that name none
	order   article.DateOrder // empty when nobody said
	fetched time.Time         // from which "15 giờ trước" counts; zero when unknown
	address period            // that the address of the article shows
}

// parseDate reads a date the way a Vietnamese editor would. It knows RFC 822,
// 1123 and 3339, the layouts of .NET and Joomla, and Vietnamese words. The order
// of day and month is settled by the only one that fits, by the address, by the
// source's setting, by an English AM or PM in an American layout; else the day
// stands first.
//
// Whatever it does not understand in full is not ok: a word that it does not
// know may change everything. Weekdays are not looked at, because they are wrong
// more often than the dates beside them.
func parseDate(raw string, rules dateRules) (t time.Time, p article.Precision, ok bool) {
	r, ok := newDateReader(raw, rules)
	if !ok {
		return time.Time{}, "", false
	}
	if t, p, ok = r.ago(); ok {
		return t, p, true
	}
	if !r.read() {
		return time.Time{}, "", false
	}
	return r.result()
}

func newDateReader(raw string, rules dateRules) (r dateReader, ok bool) {
	if len(raw) > maxDateBytes {
		return dateReader{}, false
	}
	r = dateReader{s: raw, rules: rules}
	if !isASCII(raw) {
		r.s = strings.Map(plainMark, strings.ToLower(vietnamese.Clean(raw)))
	}
	return r, true
}

// plainMark is the sign in ASCII for one that stands in Vietnamese dates: a dash,
// the minutes of 08h30′, the dot between date and clock.
func plainMark(c rune) rune {
	switch c {
	case '–', '—':
		return '-'
	case '’', '′':
		return '\''
	case '•', '·':
		return '|'
	}
	return c
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// A dateReader collects the parts of a date while it walks over the string.
type dateReader struct {
	s     string
	i     int
	rules dateRules

	numbers [3]dateNumber // of the date, in the order in which they stand
	count   int
	month   int // by its name or after "tháng"; 0 when it is a number

	clock                clockParts
	hour, minute, second int
	nano                 int
	half                 dayHalf
	english              bool // the half was AM or PM and not SA or CH

	zone       *time.Location
	zoneSigned bool // by a number and not only by a name
	afterUTC   bool // the last token was GMT or UTC, which a sign may follow
}

type dateNumber struct{ value, digits int }

// padded reports a leading zero, which American layouts (M/d/yyyy) do not write.
func (n dateNumber) padded() bool { return n.digits == 2 && n.value < 10 }

// clockParts says how much of a clock time stood there.
type clockParts int

const (
	noClock clockParts = iota
	withHour
	withMinute
	withSecond
)

type dayHalf int

const (
	wholeDay dayHalf = iota
	beforeNoon
	afterNoon
	aroundNoon // trưa
	evening    // tối
	night      // đêm, khuya
)

func (r *dateReader) read() bool {
	for r.i < len(r.s) {
		c := r.s[r.i]
		ok := true
		switch {
		case isDigit(c):
			ok = r.readNumber()
		case isWordByte(c):
			ok = r.readWord()
		case c == '+' || c == '-':
			ok = r.readSign()
		case c == '(' && r.zoneSigned: // a comment of RFC 822 §3.1.4, such as (ICT)
			end := strings.IndexByte(r.s[r.i:], ')')
			ok = end > 0
			r.i += end + 1
		case strings.IndexByte(" \t\r\n,/.:()[]|;'", c) >= 0:
			r.i++
		default:
			ok = false
		}
		if !ok {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf
}

// digits reads a run of digits. A run too long to be a number of a date has the
// value -1.
func (r *dateReader) digits() dateNumber {
	start, value := r.i, 0
	for r.i < len(r.s) && isDigit(r.s[r.i]) {
		value = value*10 + int(r.s[r.i]-'0')
		r.i++
		if r.i-start > 14 { // yyyyMMddHHmmss is the longest
			value = -1
			break
		}
	}
	return dateNumber{value, r.i - start}
}

func (r *dateReader) next() byte {
	if r.i < len(r.s) {
		return r.s[r.i]
	}
	return 0
}

func (r *dateReader) nextIsDigit(offset int) bool {
	return r.i+offset < len(r.s) && isDigit(r.s[r.i+offset])
}

func (r *dateReader) skipSpaces() {
	for r.i < len(r.s) && (r.s[r.i] == ' ' || r.s[r.i] == '\t') {
		r.i++
	}
}

func (r *dateReader) readNumber() bool {
	r.afterUTC = false
	n := r.digits()
	switch {
	case n.value < 0:
		return false
	case n.digits <= 2 && r.next() == ':' && r.nextIsDigit(1):
		return r.readClock(n)
	case n.digits <= 2 && r.skipHourWord():
		return r.readSpokenClock(n)
	case n.digits == 8 && r.count == 0: // yyyyMMdd, ISO 8601 basic
		return r.addCompact(n.value)
	case n.digits == 14 && r.count == 0 && r.clock == noClock: // yyyyMMddHHmmss
		hms := n.value % 1_000_000
		return r.addCompact(n.value/1_000_000) &&
			r.setClock(withSecond, hms/10_000, hms/100%100, hms%100)
	case n.digits == 6 && r.count == 3: // the clock of 20220221T083000
		return r.setClock(withSecond, n.value/10_000, n.value/100%100, n.value%100)
	}
	return r.addNumber(n)
}

func (r *dateReader) addNumber(n dateNumber) bool {
	if r.count == len(r.numbers) || n.digits > 4 {
		return false
	}
	r.numbers[r.count] = n
	r.count++
	return true
}

func (r *dateReader) addCompact(ymd int) bool {
	r.numbers = [3]dateNumber{{ymd / 10_000, 4}, {ymd / 100 % 100, 2}, {ymd % 100, 2}}
	r.count = 3
	return true
}

// readClock reads what follows the hour of 8:30, 08:30:00 or 08:30:00.000.
func (r *dateReader) readClock(hour dateNumber) bool {
	r.i++
	minute := r.digits()
	if minute.digits > 2 {
		return false
	}
	if r.next() != ':' || !r.nextIsDigit(1) {
		return r.setClock(withMinute, hour.value, minute.value, 0)
	}
	r.i++
	second := r.digits()
	if second.digits > 2 {
		return false
	}
	if (r.next() == '.' || r.next() == ',') && r.nextIsDigit(1) {
		r.i++
		r.readFraction()
	}
	return r.setClock(withSecond, hour.value, minute.value, second.value)
}

func (r *dateReader) readFraction() {
	for scale := int(time.Second) / 10; r.i < len(r.s) && isDigit(r.s[r.i]); scale /= 10 {
		r.nano += int(r.s[r.i]-'0') * scale
		r.i++
	}
}

// skipHourWord steps over the h of 8h30, the g of 8g30 or a giờ.
func (r *dateReader) skipHourWord() bool {
	rest := strings.TrimLeft(r.s[r.i:], " ")
	for _, word := range [...]string{"giờ", "h", "H", "g"} {
		after, ok := strings.CutPrefix(rest, word)
		if ok && (after == "" || !isWordByte(after[0])) {
			r.i = len(r.s) - len(after)
			return true
		}
	}
	return false
}

// readSpokenClock reads the minutes of "8h30" or "8 giờ 30 phút", if there are
// any: the number in "8h 21/02/2022" is a day.
func (r *dateReader) readSpokenClock(hour dateNumber) bool {
	start := r.i
	r.skipSpaces()
	minute := r.digits()
	if minute.digits == 0 || minute.digits > 2 || strings.IndexByte("/-.", r.next()) >= 0 && r.next() != 0 {
		r.i = start
		return r.setClock(withHour, hour.value, 0, 0)
	}
	return r.setClock(withMinute, hour.value, minute.value, 0)
}

func (r *dateReader) setClock(parts clockParts, hour, minute, second int) bool {
	if r.clock != noClock {
		return false
	}
	r.clock, r.hour, r.minute, r.second = parts, hour, minute, second
	// RFC 3339 §5.6 allows a leap second.
	return hour <= 24 && minute <= 59 && second <= 60
}

// readSign reads a + or -, which opens an offset or separates.
func (r *dateReader) readSign() bool {
	sign, start := r.s[r.i], r.i
	r.i++
	if r.afterUTC { // "gMt + 7"
		r.skipSpaces()
	}
	if !isDigit(r.next()) {
		return sign == '-'
	}
	if sign == '-' && !r.afterUTC && !r.minusIsZone(start) {
		return true
	}
	return r.readOffset(sign)
}

// minusIsZone tells the minus of "08:30:00 -0500" from the dash of
// "08:30 - 21-02-2022": before an offset the date is complete, or, where the
// year stands last (Mon Feb 21 08:30:00 -0500 2022), the offset has four digits
// and a zero in front.
func (r *dateReader) minusIsZone(start int) bool {
	if r.clock == noClock {
		return false
	}
	if r.hasDate() {
		return true
	}
	return r.month != 0 && start > 0 && r.s[start-1] == ' ' && r.s[r.i] == '0' &&
		r.nextIsDigit(3) && !r.nextIsDigit(4)
}

func (r *dateReader) hasDate() bool {
	return r.count == 3 || r.count == 2 && r.month != 0
}

// readOffset reads 7, 07, 0700, 700 or 07:00. In "GMT+7" the sign means what it
// says, east of Greenwich; POSIX would have it the other way round.
func (r *dateReader) readOffset(sign byte) bool {
	r.afterUTC = false
	n := r.digits()
	hours, minutes := n.value, 0
	switch {
	case n.digits > 4 || n.value < 0:
		return false
	case n.digits > 2:
		hours, minutes = n.value/100, n.value%100
	case r.next() == ':' && r.nextIsDigit(1):
		r.i++
		m := r.digits()
		if m.digits != 2 {
			return false
		}
		minutes = m.value
	}
	seconds := hours*3600 + minutes*60
	if minutes > 59 || seconds > maxZone {
		return false
	}
	if sign == '-' {
		seconds = -seconds
	}
	return r.setOffset(seconds)
}

func (r *dateReader) setOffset(seconds int) bool {
	if r.zoneSigned { // "+0700 +07" names one zone twice
		_, before := time.Time{}.In(r.zone).Zone()
		return before == seconds
	}
	// An empty name: such zones of whole hours are not allocated anew.
	r.zone, r.zoneSigned = time.FixedZone("", seconds), true
	return true
}

// readWord reads a run of letters. Letters of other scripts end up as a word
// that nobody knows.
func (r *dateReader) readWord() bool {
	r.afterUTC = false
	start := r.i
	for r.i < len(r.s) && isWordByte(r.s[r.i]) {
		r.i++
	}
	var buffer [16]byte // "september" has 9; a longer word is none of ours
	word := buffer[:0]
	for _, c := range []byte(r.s[start:r.i]) {
		if len(word) == len(buffer) {
			return false
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		word = append(word, c)
	}
	return r.understand(word, start)
}

func (r *dateReader) understand(word []byte, start int) bool {
	if month := monthName(word); month != 0 {
		return r.setMonth(month)
	}
	if hours, ok := zoneName(word); ok {
		r.afterUTC = hours == 0
		if !r.zoneSigned {
			r.zone = time.FixedZone("", hours*3600)
		}
		return true
	}
	switch string(word) {
	case "mon", "monday", "tue", "tues", "tuesday", "wed", "wednesday",
		"thu", "thur", "thurs", "thursday", "fri", "friday",
		"sat", "saturday", "sun", "sunday", "cn":
		return true
	case "am":
		return r.setEnglishHalf(beforeNoon)
	case "pm":
		return r.setEnglishHalf(afterNoon)
	case "a":
		return r.skipDotM() && r.setEnglishHalf(beforeNoon)
	case "p":
		return r.skipDotM() && r.setEnglishHalf(afterNoon)
	case "sa", "sáng":
		return r.setHalf(beforeNoon)
	case "ch", "chiều":
		return r.setHalf(afterNoon)
	case "trưa":
		return r.setHalf(aroundNoon)
	case "tối":
		return r.setHalf(evening)
	case "đêm", "khuya":
		return r.setHalf(night)
	case "hôm":
		return r.readDayAgo()
	case "asia":
		return r.readCity()
	case "t": // of 2022-02-21T08:30, or of T2 for thứ 2
		if start > 0 && isDigit(r.s[start-1]) {
			return r.nextIsDigit(0)
		}
		return r.skipWeekdayNumber()
	case "thứ":
		r.skipSpaces()
		if isDigit(r.next()) {
			return r.skipWeekdayNumber()
		}
		return vietnameseNumber(r.peekWord()) != 0 && r.skipWord()
	case "chủ":
		return r.peekWord() == "nhật" && r.skipWord()
	case "tháng", "thg": // CLDR abbreviates tháng 2 to thg 2
		return r.readMonthAfterThang()
	case "th":
		return r.readTh(start)
	case "st", "nd", "rd": // 21st
		return start > 0 && isDigit(r.s[start-1])
	case "phút":
		return r.clock == withMinute
	case "ngày", "năm", "lúc", "vào", "đăng", "cập", "nhật", "at", "on":
		return true
	}
	return false
}

func (r *dateReader) setEnglishHalf(half dayHalf) bool {
	r.english = true
	return r.setHalf(half)
}

// setHalf notes the half of the day, which a clock time must precede.
func (r *dateReader) setHalf(half dayHalf) bool {
	if r.half != wholeDay || r.clock == noClock {
		return false
	}
	r.half = half
	return true
}

// skipDotM steps over the second letter of a.m. or p.m.
func (r *dateReader) skipDotM() bool {
	rest := r.s[r.i:]
	if !strings.HasPrefix(rest, ".m") && !strings.HasPrefix(rest, ".M") {
		return false
	}
	r.i += len(".m")
	return true
}

func (r *dateReader) setMonth(month int) bool {
	if r.month != 0 {
		return false
	}
	r.month = month
	return true
}

// readCity reads a zone of the tz database that is ours, as PHP and Java name it.
// An offset beside it means the same.
func (r *dateReader) readCity() bool {
	for _, city := range [...]string{"/Ho_Chi_Minh", "/Saigon", "/Bangkok"} {
		if rest := r.s[r.i:]; len(rest) >= len(city) && strings.EqualFold(rest[:len(city)], city) {
			r.i += len(city)
			if r.zone == nil {
				r.zone = vietnamTime()
			}
			return true
		}
	}
	return false
}

// readTh reads what th means: the end of 12th, the month in "21 Th2, 2022"
// (WordPress), the weekday in "Th 2, 21/02/2022".
func (r *dateReader) readTh(start int) bool {
	switch {
	case start > 0 && isDigit(r.s[start-1]):
		return true
	case isDigit(r.next()):
		return r.readMonthAfterThang()
	}
	r.skipSpaces()
	return r.skipWeekdayNumber()
}

// readDayAgo reads "hôm nay", "hôm qua" and "hôm kia".
func (r *dateReader) readDayAgo() bool {
	days := 0
	switch r.peekWord() {
	case "nay":
	case "qua":
		days = 1
	case "kia":
		days = 2
	default:
		return false
	}
	if r.count > 0 || r.month != 0 || r.rules.fetched.IsZero() {
		return false
	}
	y, m, d := r.rules.fetched.In(r.rules.zone).AddDate(0, 0, -days).Date()
	return r.skipWord() && r.addCompact(y*10_000+int(m)*100+d)
}

func (r *dateReader) skipWeekdayNumber() bool {
	n := r.digits()
	return n.digits == 1 && 2 <= n.value && n.value <= 8 // thứ 8 is said for Sunday
}

// readMonthAfterThang reads "tháng 2", "tháng Hai" or "tháng Mười Hai".
func (r *dateReader) readMonthAfterThang() bool {
	r.skipSpaces()
	if isDigit(r.next()) {
		n := r.digits()
		return n.digits <= 2 && 1 <= n.value && n.value <= 12 && r.setMonth(n.value)
	}
	month := vietnameseNumber(r.peekWord())
	if month == 0 || !r.skipWord() {
		return false
	}
	if unit := vietnameseNumber(r.peekWord()); month == 10 && 1 <= unit && unit <= 2 {
		month += unit
		r.skipWord()
	}
	return r.setMonth(month)
}

// peekWord is the next word, without stepping over it.
func (r *dateReader) peekWord() string {
	rest := strings.TrimLeft(r.s[r.i:], " ")
	end := strings.IndexFunc(rest, func(c rune) bool { return !unicode.IsLetter(c) })
	if end < 0 {
		return rest
	}
	return rest[:end]
}

func (r *dateReader) skipWord() bool {
	r.skipSpaces()
	r.i += len(r.peekWord())
	return true
}

// vietnameseNumber is the number that a word means in the names of months and
// weekdays, or 0.
func vietnameseNumber(word string) int {
	switch word {
	case "một", "giêng":
		return 1
	case "hai":
		return 2
	case "ba":
		return 3
	case "tư", "bốn":
		return 4
	case "năm":
		return 5
	case "sáu":
		return 6
	case "bảy", "bẩy":
		return 7
	case "tám":
		return 8
	case "chín":
		return 9
	case "mười":
		return 10
	case "chạp":
		return 12
	}
	return 0
}

func monthName(word []byte) int {
	switch string(word) {
	case "jan", "january":
		return 1
	case "feb", "february":
		return 2
	case "mar", "march":
		return 3
	case "apr", "april":
		return 4
	case "may":
		return 5
	case "jun", "june":
		return 6
	case "jul", "july":
		return 7
	case "aug", "august":
		return 8
	case "sep", "sept", "september":
		return 9
	case "oct", "october":
		return 10
	case "nov", "november":
		return 11
	case "dec", "december":
		return 12
	}
	return 0
}

// zoneName is the offset in hours of the names of RFC 822 §5.1 and of ICT,
// Vietnam's own. Other abbreviations mean different things in different places.
func zoneName(word []byte) (hours int, ok bool) {
	switch string(word) {
	case "gmt", "utc", "ut", "z":
		return 0, true
	case "ict":
		return 7, true
	case "edt":
		return -4, true
	case "est", "cdt":
		return -5, true
	case "cst", "mdt":
		return -6, true
	case "mst", "pdt":
		return -7, true
	case "pst":
		return -8, true
	}
	return 0, false
}

// result puts the parts together.
func (r *dateReader) result() (time.Time, article.Precision, bool) {
	year, month, day, ok := r.date()
	if !ok || !r.turnHalf() {
		return time.Time{}, "", false
	}
	zone := r.zone
	if zone == nil {
		zone = r.rules.zone
	}
	t := time.Date(year, time.Month(month), day, r.hour, r.minute, r.second, r.nano, zone)
	if t.UTC().Year() > maxYear { // the last evening, west of Greenwich
		return time.Time{}, "", false
	}
	switch r.clock {
	case noClock:
		return t, article.Day, true
	case withHour:
		return t, article.Hour, true
	case withMinute, withSecond:
		return t, article.Minute, true
	}
	return time.Time{}, "", false
}

// turnHalf makes a 24-hour clock of a 12-hour one. 12:05 CH and PM are five
// past noon, 12:05 SA and AM five past midnight. Servers with a wrong format
// string write 14:30 CH, which can only be one thing; 14:30 SA can be two.
// 24:00 is midnight at the end of the day (ISO 8601:2004 §4.2.3).
func (r *dateReader) turnHalf() bool {
	known := true
	switch r.half {
	case wholeDay:
	case beforeNoon:
		known = r.hour <= 12
		r.hour %= 12
	case afterNoon:
		r.addNoon(12)
	case aroundNoon: // 11:30 and 12:30 trưa, 1:30 trưa
		r.addNoon(3)
		known = 10 <= r.hour && r.hour <= 15
	case evening: // 12:30 tối is said for 0:30, of one day or the other
		known = r.hour != 12
		r.addNoon(12)
	case night: // 11:30 đêm and 1:30 đêm; 12:30 as above
		known = r.hour != 12
		if r.hour > 6 {
			r.addNoon(12)
		}
	}
	return known && (r.hour < 24 || r.minute == 0 && r.second == 0 && r.nano == 0)
}

// addNoon adds the hours before noon to an hour below the limit.
func (r *dateReader) addNoon(below int) {
	if r.hour < below {
		r.hour += 12
	}
}

func (r *dateReader) date() (year, month, day int, ok bool) {
	a, b, c := r.numbers[0], r.numbers[1], r.numbers[2]
	switch {
	case r.month != 0 && r.count == 2 && a.digits == 4: // 2022 Feb 21
		return checkedDate(a, r.month, b.value)
	case r.month != 0 && r.count == 2: // 21 Feb 2022, Feb 21, 2022
		return checkedDate(b, r.month, a.value)
	case r.month != 0 || r.count != 3:
		return 0, 0, 0, false
	case a.digits == 4: // 2022-02-21
		return checkedDate(a, b.value, c.value)
	}
	order := r.orderOf()
	if order == openOrder && r.monthFirst() || order == onlyMonthFirst {
		return checkedDate(c, a.value, b.value)
	}
	return checkedDate(c, b.value, a.value)
}

// An orderShown is what a date of figures says of the order that it is in.
type orderShown int

const (
	noOrder        orderShown = iota // it names the month, begins with the year, or is no date
	onlyDayFirst                     // 21/02/2022
	onlyMonthFirst                   // 02/21/2022
	openOrder                        // 03/02/2022
)

// orderOf says in which orders the figures are on the calendar. One day and
// month of the same number is the same day in both.
func (r *dateReader) orderOf() orderShown {
	a, b, c := r.numbers[0], r.numbers[1], r.numbers[2]
	if r.month != 0 || r.count != 3 || a.digits > 2 {
		return noOrder
	}
	_, _, _, day := checkedDate(c, b.value, a.value)
	_, _, _, month := checkedDate(c, a.value, b.value)
	switch {
	case a.value == b.value || !day && !month:
		return noOrder
	case !month:
		return onlyDayFirst
	case !day:
		return onlyMonthFirst
	}
	return openOrder
}

// shownOrder is what a raw date says of the order that it is in.
func shownOrder(raw string) orderShown {
	r, ok := newDateReader(raw, dateRules{})
	if !ok || !r.read() {
		return noOrder
	}
	return r.orderOf()
}

// monthFirst settles the order of a date that is on the calendar in both.
func (r *dateReader) monthFirst() bool {
	a, b, c := r.numbers[0], r.numbers[1], r.numbers[2]
	day := r.rules.address.isNear(civil(c, b.value, a.value))
	month := r.rules.address.isNear(civil(c, a.value, b.value))
	if day != month {
		return month
	}
	if r.rules.order != "" {
		return r.rules.order == article.MonthFirst
	}
	return r.isAmerican()
}

// isAmerican tells an American layout from a Vietnamese one that only took AM
// and PM over. Of five sites with AM or PM in a census of 268, the one that
// writes seconds, as .NET does for en-US (M/d/yyyy h:mm:ss tt), has the month
// first; the four without seconds have the day first, with a zero in front.
func (r *dateReader) isAmerican() bool {
	padded := r.numbers[0].padded() || r.numbers[1].padded()
	return r.half != wholeDay && r.english && (r.clock == withSecond || !padded)
}

// civil is the day of figures that are on the calendar.
func civil(year dateNumber, month, day int) time.Time {
	y, m, d, _ := checkedDate(year, month, day)
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
}

// checkedDate refuses what is on no calendar, instead of counting on from it.
func checkedDate(year dateNumber, month, day int) (y, m, d int, ok bool) {
	y = year.value
	switch year.digits {
	case 4:
	case 2: // RFC 2822 §4.3 has 1950 to 2049; no news site is older than 1970
		y += 2000
		if year.value >= 70 {
			y -= 100
		}
	default:
		return 0, 0, 0, false
	}
	if y < minYear || y > maxYear || month < 1 || month > 12 || day < 1 || day > daysIn(y, month) {
		return 0, 0, 0, false
	}
	return y, month, day, true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
