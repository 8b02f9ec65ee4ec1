package normalizer

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"bantin/internal/gazetteer"
	"bantin/internal/vietnamese"
)

// Papers begin a lead with their own name: "BQN - Sáng 21/5, …", "(Dân trí) – …",
// "VOV.VN - …". It says who prints the text and nothing of what happened, so a
// careful editor leaves it out. A place before the dash ("Hà Nội - Sáng 5/3, …")
// says where, and stays.

// dateline is a short group of words and a dash at the beginning of a text.
var dateline = regexp.MustCompile(`^(?:\(\s*([^()]{2,40}?)\s*\)\s*[-–—:]+|(\S[^-–—(),;:]{1,30}?)\s+[-–—]+|(\S[^-–—(),;:]{1,30}?)[-–—]+\s)\s*`)

// maxDatelineWords is above the names of papers: "Báo điện tử Đảng Cộng sản".
const maxDatelineWords = 6

// A paper is what is known of who prints a text.
type paper struct {
	host   string   // without www., letters only; empty when not known
	names  []string // folded
	places *gazetteer.Gazetteer
}

// newPaper is the paper at an address that has some names.
func newPaper(at *url.URL, places *gazetteer.Gazetteer, names ...string) paper {
	one := paper{places: places}
	if at != nil {
		one.host = strings.TrimPrefix(strings.ToLower(at.Hostname()), "www.")
	}
	for _, name := range names {
		if folded := vietnamese.Fold(name); folded != "" {
			one.names = append(one.names, folded)
		}
	}
	return one
}

// cutDateline is how many bytes of a text are the dateline of a paper at its
// beginning, 0 for none.
func (p paper) cutDateline(text string) int {
	m := dateline.FindStringSubmatchIndex(text)
	if m == nil || !beginsSentence(text[m[1]:]) {
		return 0
	}
	if next, _, _ := strings.Cut(text[m[1]:], " "); m[2] < 0 && isInitials(next) {
		return 0 // "HĐND - UBND tỉnh …" are two offices
	}
	switch {
	case m[2] >= 0 && p.isPaperInBrackets(text[m[2]:m[3]]):
	case isApposition(text[m[1]:]):
		return 0
	case m[4] >= 0 && p.isPaper(text[m[4]:m[5]]):
	case m[6] >= 0 && p.isPaper(text[m[6]:m[7]]):
	default:
		return 0
	}
	return m[1]
}

// isApposition reports whether a second dash stands in the sentence behind a first
// one: what is between them then says what the words before are, "VTV - Đài Truyền
// hình Việt Nam - ký", and these are its subject.
func isApposition(rest string) bool {
	sentence, _, _ := strings.Cut(rest, ". ")
	return strings.Contains(sentence, " - ") || strings.Contains(sentence, " – ")
}

// beginsSentence reports whether a text begins the way a sentence does.
func beginsSentence(text string) bool {
	text = strings.TrimLeft(text, `"“”'‘’([… `)
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsUpper(first) || unicode.IsDigit(first)
}

// isPaperInBrackets reports whether the words in brackets before a dash can be the
// name of a paper. Hardly anything else stands there: a place, or the number of a
// part of a series.
func (p paper) isPaperInBrackets(name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	if !unicode.IsUpper(first) && !isDomain(name) || len(strings.Fields(name)) > maxDatelineWords || p.isPlace(name) {
		return false
	}
	if p.isHouse(name) {
		return true
	}
	word, _, _ := strings.Cut(vietnamese.Fold(name), " ")
	switch word {
	case "kỳ", "bài", "phần", "tiếp", "tập", "số", "ảnh", "video", "tin", "xem", "ngày", "tháng", "thứ":
		return false
	}
	return true
}

func (p paper) isPlace(name string) bool {
	if p.places == nil {
		return false
	}
	_, is := p.places.Province(vietnamese.Slug(name))
	return is || placeKind.MatchString(vietnamese.Fold(name))
}

// placeKind is what stands before the name of a place.
var placeKind = regexp.MustCompile(`^(?:tp\.?|thành phố|tỉnh|huyện|quận|thị xã|thị trấn|xã|phường)(?: |\.|$)`)

// isPaper reports whether the words before a dash name a paper: one that is known,
// an address, this paper, or letters that its host or its name can stand for.
func (p paper) isPaper(name string) bool {
	folded := vietnamese.Fold(name)
	if isAgency(folded) || isDomain(name) {
		return true
	}
	for _, suffix := range []string{" online", " điện tử", " news"} {
		if strings.HasSuffix(folded, suffix) && len(strings.Fields(name)) <= maxDatelineWords {
			return true
		}
	}
	if slices.Contains(p.names, folded) {
		return true
	}
	if p.isHouse(name) && !strings.Contains(name, " ") { // in two words it could be a place
		return true
	}
	return isInitials(name) && !isOfficeInitials(folded) && p.standsFor(vietnamese.Slug(name))
}

// minHouse is in letters less than the names that papers have as their address, and
// more than most words.
const minHouse = 5

// isHouse reports whether a name is that of the site: its host is made of it.
func (p paper) isHouse(name string) bool {
	label, _, _ := strings.Cut(p.host, ".")
	return len(label) >= minHouse && !strings.Contains(p.host, ".gov.") && strings.ReplaceAll(vietnamese.Slug(name), "-", "") == label
}

// isOfficeInitials reports whether folded letters are those of an office or a post,
// which may well be in the host of its portal too.
func isOfficeInitials(folded string) bool {
	switch folded {
	case "ubnd", "hđnd", "mttq", "ubmttq", "đbqh", "bch", "btv", "bch tw", "csgt", "ca", "qh", "hlv", "vđv", "tp", "tx", "tt", "bs", "gs", "ts", "ths":
		return true
	}
	return false
}

// isDomain reports whether a word is the address of a site.
func isDomain(name string) bool {
	folded := strings.ToLower(name)
	return !strings.Contains(folded, " ") &&
		(strings.HasSuffix(folded, ".vn") || strings.HasSuffix(folded, ".com") || strings.HasSuffix(folded, ".net") || strings.HasSuffix(folded, ".org"))
}

// isInitials reports whether a word is two to eight capitals, as in BQN, GD&TĐ.
func isInitials(name string) bool {
	letters := 0
	for _, c := range name {
		switch {
		case unicode.IsUpper(c):
			letters++
		case c != '&' && c != '.' && !unicode.IsDigit(c):
			return false
		}
	}
	return letters >= 2 && letters <= 8
}

// standsFor reports whether letters are initials of the words of a name of the
// paper, or stand in this order in its host, with the word for paper (báo) or
// without it. An O at their end is "online".
func (p paper) standsFor(letters string) bool {
	letters = strings.ReplaceAll(letters, "-", "")
	for _, name := range p.names {
		if initials := initialsOf(name); initials != "" && (initials == letters || initials+"o" == letters || "b"+initials == letters || "b"+initials+"o" == letters) {
			return true
		}
	}
	for label := range strings.SplitSeq(p.host, ".") {
		for _, from := range []string{label, strings.TrimPrefix(label, "bao")} {
			for _, some := range []string{letters, strings.TrimSuffix(letters, "o")} {
				if isInOrder(some, from) {
					return true
				}
			}
		}
	}
	return false
}

// initialsOf are the first letters of the words of a name.
func initialsOf(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(vietnamese.Slug(name), "-") {
		if word != "" {
			b.WriteByte(word[0])
		}
	}
	return b.String()
}

// isInOrder reports whether letters, at least two, stand in a label in their order,
// the first at its beginning.
func isInOrder(letters, label string) bool {
	if len(letters) < 2 || label == "" || letters[0] != label[0] {
		return false
	}
	for i := range len(letters) {
		at := strings.IndexByte(label, letters[i])
		if at < 0 {
			return false
		}
		label = label[at+1:]
	}
	return true
}

// isAgency reports whether a folded name is that of an agency, or of a paper that
// others reprint.
func isAgency(folded string) bool {
	switch folded {
	case "ttxvn", "vna", "vietnam+", "vietnamplus", "vov", "vtv", "vtc", "vgp", "tto", "tno", "tpo", "nldo", "nlđo", "nlđ", "sggp", "sggpo",
		"ndo", "nd", "nđt", "ndđt", "qđnd", "cand", "plo", "plvn", "pnvn", "pno", "ktđt", "hnm", "hnmo", "antđ", "lđo", "gd&tđ", "tn&mt",
		"đcsvn", "đđk", "dnvn", "vnexpress", "vietnamnet", "zing", "znews", "dân trí", "tuổi trẻ", "thanh niên", "tiền phong", "nhân dân",
		"lao động", "người lao động", "pháp luật việt nam", "thông tấn xã việt nam", "vov5", "tđkt", "llct", "ictnews", "bnews":
		return true
	}
	return false
}

// stampName is how the elements are called that hold the place before a text, where
// the style sheet sets it off and no mark does.
var stampName = regexp.MustCompile(`(?:^|[\s_-])(?:location|dateline|dia-?danh|stamp)(?:$|[\s_-])`)

// setOffStamps writes the dash of print between the place and the text behind it.
func setOffStamps(root *html.Node) {
	for _, n := range tableSelector("span[class], b[class], strong[class], em[class]").find(root) {
		next := n.NextSibling
		if next == nil || next.Type != html.TextNode || !stampName.MatchString(attr(n, "class")) || shownSize(n, maxStamp) > maxStamp {
			continue
		}
		if first, _ := utf8.DecodeRuneInString(next.Data); unicode.IsLetter(first) || unicode.IsDigit(first) {
			next.Data = " - " + next.Data
		}
	}
}

// maxStamp is in bytes above the longest names of a place and its province.
const maxStamp = 60

// cutFirstDateline takes the dateline off the first text of a body.
func (a *arrangement) cutFirstDateline() {
	for i := range a.blocks {
		one := &a.blocks[i]
		if one.kind != textBlock || len(one.lines) == 0 {
			continue
		}
		for n := a.paper.cutDateline(one.lines[0].text); n > 0; n = a.paper.cutDateline(one.lines[0].text) {
			a.remove(one.lines[0].text[:n], reasonDateline)
			one.lines[0].cutLeft(n)
		}
		return
	}
}

// without is a text without its dateline.
func (p paper) without(text string) string {
	for n := p.cutDateline(text); n > 0; n = p.cutDateline(text) {
		text = text[n:]
	}
	return text
}
