package normalizer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"bantin/internal/vietnamese"
)

// hasEndMark reports whether text ends with the mark at the end of an official
// text: "./.", "/.", "./ .", "…/." or ".../.".
func hasEndMark(text string) bool {
	_, ok := cutEndMark(text)
	return ok
}

// cutEndMark returns text without its end marks and the dots before them, which
// belong to the mark. The address at the end of a sentence keeps its last stroke.
func cutEndMark(text string) (kept string, ok bool) {
	kept = text
	rest, dotted := strings.CutSuffix(text, ".")
	for dotted {
		before, found := strings.CutSuffix(strings.TrimRight(rest, " "), "/")
		if !found || endsInAddress(before) {
			break
		}
		rest = strings.TrimRight(before, " .…")
		dotted = strings.Contains(before[len(rest):], ".")
		kept, ok = rest, true
	}
	return kept, ok
}

func endsInAddress(text string) bool {
	word := text[strings.LastIndexByte(text, ' ')+1:]
	return strings.Contains(word, "://") || strings.HasPrefix(word, "www.")
}

// endsSentence reports whether text ends the way a sentence does.
func endsSentence(text string) bool {
	text = strings.TrimRight(text, `"”’')] `)
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".?!…", last) || hasEndMark(text)
}

// endsClause reports whether text ends with any mark that a heading or a caption
// does not end with.
func endsClause(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return endsSentence(text) || strings.ContainsRune(":;,", last)
}

// creditLine is the line that names who made a picture or a film. It is neither
// a byline nor a paragraph.
var creditLine = regexp.MustCompile(`^\(?(?i:ảnh|hình|hình ảnh|ảnh chụp|ảnh tư liệu|video|clip|đồ họa|đồ hoạ|infographic|nguồn ảnh|thiết kế|trình bày|kỹ thuật|quay phim|dựng phim|minh họa)\s*:|` +
	`^\(?(?i:ảnh|hình) (?i:minh họa|minh hoạ|tư liệu)`)

// creditInside is the credit at the end of a caption.
var creditInside = regexp.MustCompile(`[.,(–-] ?(?:Ảnh|ẢNH|Nguồn ảnh|Đồ họa)\s*: ?\S`)

// maxCreditWords keeps a paragraph that begins with such a word from being one.
const maxCreditWords = 10

func isCredit(text string) bool {
	return len(text) <= maxBylineBytes && creditLine.MatchString(text) && len(strings.Fields(text)) <= maxCreditWords
}

// A byline is what the last line of an article says of who wrote it.
type byline struct {
	author, origin string
	ok             bool
}

// bylineEvidence is what stands around a line that could be a byline. A bare
// name is one by its place and by nothing else: it may be a singer's.
type bylineEvidence struct {
	placed    bool // at the right margin, marked as byline, or after the end mark
	setOff    bool // all in bold or italics
	source    bool // marked as the source
	afterText bool // after at least two lines, the last of them a whole sentence
}

// maxBylineBytes holds the names of a team and two papers, three bytes a letter.
const maxBylineBytes = 160

var (
	// bylineLabel is what stands before the colon: "Tin, ảnh: Hương Lan".
	bylineLabel = regexp.MustCompile(`^(?i:(?:tin|bài|ảnh|bài viết|clip|video)(?:(?:,| và| -|/|;)? (?:tin|bài|ảnh|clip|video))+|` +
		`tin|bài|bài viết|tác giả|tác giả bài viết|tên tác giả|người viết|người đăng tin|thực hiện|nhóm thực hiện|phóng viên|pv|btv|biên tập|cộng tác viên|ctv)\s*:\s*(\S.*)$`)
	// sourceLabel is "Nguồn: …", in brackets or not.
	sourceLabel = regexp.MustCompile(`^\(?\s*(?i:nguồn|nguồn tin|trích nguồn|dẫn nguồn)\s*:\s*(\S.*?)\s*\)?$`)
	// following is "(Theo …)" or "Theo …".
	following = regexp.MustCompile(`^(\(?)\s*(?i:theo)\s*:?\s+(\S.*?)\s*(\)?)$`)
	// nameAndSource is "Hồng Kiều (Vietnam+)" or "Ngọc Thành/VOV online".
	nameAndSource = regexp.MustCompile(`^([^(/]{3,60}?)\s*(?:\(\s*([^()]{2,60})\s*\)|/\s*([^()/]{2,40}))$`)
	// digest is said of texts put together from others.
	digest = regexp.MustCompile(`^(?i:t/h|th|tổng hợp|lược dịch|biên dịch|dịch|ghi|lược ghi|thực hiện|sưu tầm|biên soạn|st|tổng hợp và .{2,30})$`)
	// shortName is a name of which only the first letters are given: N.V.T, P.V.
	shortName = regexp.MustCompile(`^(?:\p{Lu}\p{L}?\.){1,4}\p{Lu}\p{Ll}*\.?$`)
)

// readByline reads a last line as byline or source line. What is neither for
// certain stays text: a wrong author is worse than none.
func readByline(text string, evidence bylineEvidence) byline {
	if len(text) > maxBylineBytes || isCredit(text) || strings.HasPrefix(text, "*") {
		return byline{}
	}
	if m := bylineLabel.FindStringSubmatch(text); m != nil {
		return byline{author: trimStop(m[1]), ok: len(strings.Fields(m[1])) <= maxNameWords}
	}
	if m := sourceLabel.FindStringSubmatch(text); m != nil {
		return byline{origin: trimStop(m[1]), ok: len(strings.Fields(m[1])) <= maxNameWords}
	}
	if m := following.FindStringSubmatch(text); m != nil {
		bracketed := m[1] != "" && m[3] != ""
		return byline{origin: trimStop(m[2]), ok: bracketed && !endsSentence(m[2]) || isName(m[2]) || isOutlet(m[2]) || evidence.source && isShortTitle(m[2])}
	}
	if strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") && (isOutlet(text[1:len(text)-1]) || evidence.placed && isOffice(text[1:len(text)-1])) {
		return byline{origin: strings.TrimSpace(text[1 : len(text)-1]), ok: true}
	}
	if found := readNameAndSource(text, evidence); found.ok {
		return found
	}
	if evidence.source && isShortTitle(text) {
		return byline{origin: text, ok: true}
	}
	return byline{author: withoutDigest(text), ok: isBareByline(withoutDigest(text), evidence)}
}

// isShortTitle reports whether a text has the form of the name of a paper: a few
// words, the first with a capital, and no sentence.
func isShortTitle(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return (unicode.IsUpper(first) || isDomain(text)) && len(strings.Fields(text)) <= maxDatelineWords && !endsClause(text)
}

// digestAtEnd is what a byline says behind the names of those who did it.
var digestAtEnd = regexp.MustCompile(`\s+(?i:thực hiện|tổng hợp|lược ghi|ghi|lược dịch|biên dịch|biên soạn|sưu tầm)$`)

// withoutDigest is a byline without what its persons did.
func withoutDigest(text string) string {
	if len(text) > maxBylineBytes {
		return text
	}
	if names := digestAtEnd.ReplaceAllString(text, ""); isName(names) {
		return names
	}
	return text
}

// readNameAndSource reads a name with a source or a remark behind it.
func readNameAndSource(text string, evidence bylineEvidence) byline {
	m := nameAndSource.FindStringSubmatch(text)
	if m == nil || !isName(m[1]) && !shortName.MatchString(m[1]) {
		return byline{}
	}
	name, source := m[1], strings.TrimSpace(m[2]+m[3])
	if f := following.FindStringSubmatch(source); f != nil {
		return byline{author: name, origin: f[2], ok: true}
	}
	switch {
	case isOutlet(source):
		return byline{author: name, origin: source, ok: true}
	case digest.MatchString(source):
		return byline{author: name, ok: true}
	case isOffice(source) && (evidence.placed || evidence.setOff || evidence.afterText):
		return byline{author: name, origin: source, ok: true}
	}
	return byline{author: text, ok: evidence.placed}
}

// isOffice reports whether a text could be the name of an office, or its short form.
func isOffice(text string) bool {
	first, _, _ := strings.Cut(text, " ")
	switch vietnamese.Fold(first) {
	case "trung", "phòng", "sở", "ban", "văn", "cục", "chi", "hội", "ubnd", "ủy", "đoàn", "hđnd", "bộ", "công", "trường", "bệnh",
		"viện", "tỉnh", "thành", "huyện", "liên", "mặt", "mttq", "tổ", "cổng", "đài", "báo", "tạp":
		return unicode.IsUpper([]rune(first)[0]) && len(strings.Fields(text)) <= maxNameWords && !endsClause(text)
	}
	return isInitials(first) && len(strings.Fields(text)) <= maxNameWords/2
}

// isBareByline reports whether text is a name in the place of a byline.
func isBareByline(text string, evidence bylineEvidence) bool {
	switch vietnamese.Fold(text) {
	case "pv", "bbt", "ban biên tập":
		return true
	}
	switch {
	case isTeam(text):
		return true
	case shortName.MatchString(text):
		return evidence.placed || evidence.setOff
	case isOffice(text) && len(strings.Fields(text)) >= minTitleWords:
		return evidence.placed
	case evidence.placed && evidence.setOff && isSignature(text):
		return true
	case !isName(text):
		return false
	}
	return evidence.placed || evidence.setOff || evidence.afterText && !isPlaceWord(text)
}

// maxSignatureWords is above the names of the teams and offices that sign.
const maxSignatureWords = 8

// isSignature reports whether a text has the form of whatever signs an article: a few
// words, neither a sentence nor a place with a date.
func isSignature(text string) bool {
	words := strings.Fields(text)
	first, _ := utf8.DecodeRuneInString(text)
	return len(words) > 1 && len(words) <= maxSignatureWords && unicode.IsUpper(first) && !endsClause(text) && !strings.ContainsAny(text, "0123456789\"“”")
}

// maxNameWords holds four Vietnamese names.
const maxNameWords = 14

// isName reports whether text could be the name of a person or a team: a few
// words, each with a capital.
func isName(text string) bool {
	if isTeam(text) {
		return true
	}
	words := strings.FieldsFunc(text, func(c rune) bool { return unicode.IsSpace(c) || c == ',' || c == '-' || c == '–' || c == '&' })
	names, team := cutTeam(words)
	if len(names) == 0 || len(names) > maxNameWords || len(names) < 2 && !team {
		return false
	}
	for _, word := range names {
		if word == "và" {
			continue
		}
		first, _ := utf8.DecodeRuneInString(word)
		if !unicode.IsUpper(first) || strings.ContainsFunc(word, isNoNameRune) {
			return false
		}
	}
	return true
}

// isTeam reports whether a text is a team of reporters without their names.
func isTeam(text string) bool {
	switch vietnamese.Fold(text) {
	case "nhóm pv", "nhóm p.v", "nhóm p.v.", "nhóm phóng viên", "nhóm tác giả":
		return true
	}
	return false
}

// cutTeam takes the words off that stand before the names of a team.
func cutTeam(words []string) (names []string, team bool) {
	if len(words) >= 2 {
		switch strings.ToLower(words[0] + " " + words[1]) {
		case "nhóm phóng", "nhóm pv":
			return words[2:], true
		}
	}
	return words, false
}

func isNoNameRune(c rune) bool {
	return !unicode.IsLetter(c) && !unicode.IsMark(c) && c != '.' && c != '\'' && c != '’'
}

// isPlaceWord reports whether a name begins like that of an office or a place
// and not like a person's.
func isPlaceWord(text string) bool {
	first, _, _ := strings.Cut(vietnamese.Fold(text), " ")
	switch first {
	case "tỉnh", "thành", "tp", "tp.", "huyện", "xã", "phường", "thị", "hà", "việt", "ủy", "sở", "ban", "bộ", "công", "hội", "đảng":
		return true
	}
	return false
}

// isOutlet reports whether text names an agency, a paper, a station or a site.
func isOutlet(text string) bool {
	text = vietnamese.Fold(text)
	first, _, _ := strings.Cut(text, " ")
	switch first {
	case "báo", "tạp", "đài", "cổng", "trang", "ttxvn", "vna", "vietnam+", "vietnamplus", "vov", "vtv", "vtc",
		"vnexpress", "vietnamnet", "zing", "znews", "sggp", "cand", "qđnd", "nld", "tto", "vgp", "chinhphu.vn",
		"reuters", "afp", "ap", "bbc", "cnn", "xinhua", "kyodo", "yonhap", "bloomberg":
		return len(text) <= maxBylineBytes/2
	}
	switch text {
	case "dân trí", "tuổi trẻ", "thanh niên", "tiền phong", "nhân dân", "lao động", "người lao động", "thông tấn xã việt nam", "tân hoa xã":
		return true
	}
	return !strings.Contains(text, " ") && (strings.HasSuffix(text, ".vn") || strings.HasSuffix(text, ".com") || strings.HasSuffix(text, ".net"))
}

func trimStop(text string) string { return strings.TrimRight(strings.TrimSpace(text), ". ") }

// lostLetters says why the letters of a text are not those that were typed; empty
// for text that can be read. Such text is not to be indexed or shown.
func lostLetters(texts ...string) string {
	for _, text := range texts {
		if font := fontEncoding(text); font != "" {
			return "typed for fonts in " + font
		}
	}
	words, lost := 0, 0
	for _, text := range texts {
		lost += countLost(text)
	}
	if lost < 2 {
		return ""
	}
	for _, text := range texts {
		words += len(strings.Fields(text))
	}
	// In text that was lost every third word has a "?" inside. One word in twenty
	// is far from that and from the odd space left out after a question.
	if lost*20 >= words {
		return `with "?" in place of their letters`
	}
	return ""
}

// countLost counts the words that went through an encoding that has no Vietnamese
// letters, which left "?" or U+FFFD in their place, or that were encoded twice and
// then cut. Nothing can bring them back.
func countLost(text string) int {
	if !strings.Contains(text, "?") && !hasRemains(text) {
		return 0
	}
	lost := 0
	for word := range strings.FieldsSeq(text) {
		if hasRemains(word) || !strings.ContainsAny(word, "/=&") && hasInnerQuestion(word) { // an address has "?" in its own right
			lost++
		}
	}
	return lost
}

// hasRemains reports whether text has what is left of a letter.
func hasRemains(text string) bool {
	return strings.Contains(text, "\uFFFD") || strings.Contains(text, "áº") || strings.Contains(text, "á»")
}

// hasInnerQuestion reports whether a "?" stands right before a letter.
func hasInnerQuestion(word string) bool {
	for {
		_, after, ok := strings.Cut(word, "?")
		if !ok {
			return false
		}
		if next, _ := utf8.DecodeRuneInString(after); after != "" && unicode.IsLetter(next) {
			return true
		}
		word = after
	}
}
