package normalizer

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

// What evidence is worth. A phrase has a weight of 1 to 5; a title says what an
// article is about, a lead nearly, and in the body a phrase may stand in passing.
const (
	titleFactor = 4
	leadFactor  = 2
	textFactor  = 1
	// A phrase that a body repeats counts this often, and what a body says of a
	// topic beyond the worth of a good phrase in a title counts a third: length is
	// no argument, and title and lead go first.
	textRepeats = 2
	bodyFull    = 12
	bodyShare   = 3
	// The source's own category decides, unless title and lead are sure of
	// something else; a broad one is worth less than a phrase in the lead.
	categoryPoints      = 20
	broadCategoryPoints = 5
	// A topic needs as much as a category, or a phrase of weight 3 in the lead. Beside
	// the primary one it needs a little more, and three tenths of what that has.
	enough               = 5
	enoughBeside         = 6
	besideShare, ofShare = 3, 10
	// Alone, a phrase names a secondary topic from this weight on; else there
	// must be two.
	namingWeight = 3
	maxSecondary = 3
	// A reader of the evidence wants the best reasons, not all.
	maxReasons = 3
)

// A topicReading is the reading of one article.
type topicReading struct {
	rules   *topicTagger
	seen    []sighting // by node
	tallies []tally    // by topic
	hits    []hit
	filed   []filing
	path    []uint16 // the syllables of the part that is read
}

// A sighting says where a phrase was read: how often in the body, and whether in
// the title and in the lead, where it counts once. There is one for each of some
// 15,000 nodes in each article, so it is a byte.
type sighting uint8

const (
	seenInTitle sighting = 1 << (7 - iota)
	seenInLead
	seenInText sighting = seenInLead - 1 // the rest of the byte is a number
)

// A tally is what was found of one topic.
type tally struct {
	score int
	body  int  // points of the body, before they join the score
	hits  int  // phrases
	best  int  // the weight of the best of them
	filed bool // the source itself says so
}

// A hit is a reason for a topic.
type hit struct {
	topic, points int
	where         string
	words         string
}

func (h *hit) String() string { return h.where + ": " + h.words }

// A filing is a category of the source.
type filing struct {
	category

	where, words string
}

func (t *topicTagger) begin() topicReading {
	return topicReading{
		rules:   t,
		seen:    make([]sighting, len(t.phrases)),
		tallies: make([]tally, len(t.ids)),
		hits:    make([]hit, 0, 64), // an article of 2,500 bytes has about 60
	}
}

// read collects the phrases of one part of the article: from each syllable the
// longest, and none that lies within another.
func (r *topicReading) read(z zone, text string, tokens []token) {
	r.path = r.path[:0]
	for i := range tokens {
		r.path = append(r.path, r.rules.syllables[text[tokens[i].start:tokens[i].end]])
	}
	covered := 0
	for i, syllable := range r.path {
		node := r.rules.firsts[syllable]
		if node == 0 {
			continue
		}
		found, last := r.rules.longest(node, r.path[i:], tokens[i:])
		end := i + last + 1
		if found == 0 || end <= covered || last == 0 && isInName(text, tokens, i) {
			continue
		}
		covered = end
		r.award(found, z, text[tokens[i].start:tokens[i+last].end])
	}
}

// longest follows the trie from the node of the first token and returns the
// last node that ends a phrase, and the token at which it does.
func (t *topicTagger) longest(node uint16, path []uint16, tokens []token) (found uint16, last int) {
	for i := 0; ; {
		if t.phrases[node] != nil {
			found, last = node, i
		}
		i++
		if i == len(path) || t.followers[node]&followerBit(path[i]) == 0 || tokens[i].fresh {
			return found, last
		}
		if node = t.next[uint32(node)<<16|uint32(path[i])]; node == 0 {
			return found, last
		}
	}
}

// isInName reports whether a syllable is one of a Vietnamese name: Lương in Phú
// Lương is no wage. A foreign name is one word, and so is an abbreviation.
func isInName(text string, tokens []token, i int) bool {
	word := text[tokens[i].start:tokens[i].end]
	if !isNamePart(text, tokens[i]) || len(word) == utf8.RuneCountInString(word) {
		return false
	}
	return i > 0 && !tokens[i].fresh && isNamePart(text, tokens[i-1]) ||
		i+1 < len(tokens) && !tokens[i+1].fresh && isNamePart(text, tokens[i+1])
}

// isNamePart reports whether only the first letter of a word is a capital.
func isNamePart(text string, t token) bool {
	if !t.capital {
		return false
	}
	word := text[t.start:t.end]
	_, size := utf8.DecodeRuneInString(word)
	second, _ := utf8.DecodeRuneInString(word[size:])
	return !isCapital(second)
}

func (r *topicReading) award(node uint16, z zone, words string) {
	factor, already := r.see(node, z)
	if already {
		return
	}
	for _, a := range r.rules.phrases[node] {
		weight := a.anywhere
		if z == inTitle {
			weight = a.title
		}
		if weight == 0 {
			continue
		}
		t := &r.tallies[a.topic]
		t.hits++
		t.best = max(t.best, a.anywhere)
		if z == inText {
			t.body += weight * factor
		} else {
			t.score += weight * factor
		}
		r.hits = append(r.hits, hit{a.topic, weight * factor, z.String(), words})
	}
}

// see notes that a phrase stands in a part of the article, and returns what it
// weighs there. already says that it has counted as often as it may.
func (r *topicReading) see(node uint16, z zone) (factor int, already bool) {
	seen := &r.seen[node]
	switch z {
	case inTitle:
		factor, already = titleFactor, *seen&seenInTitle != 0
		*seen |= seenInTitle
	case inLead:
		factor, already = leadFactor, *seen&seenInLead != 0
		*seen |= seenInLead
	case inText, zones:
		factor, already = textFactor, *seen&seenInText == textRepeats
		if !already {
			*seen++
		}
	}
	return factor, already
}

// readCategories notes what the source files the article under: its categories
// and the folders of its address.
func (r *topicReading) readCategories(categories []string, link string) {
	for _, words := range categories {
		r.readCategory(words)
	}
	u, err := url.Parse(link)
	if err != nil {
		return
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		r.file(strings.ToLower(segment), "address", segment)
	}
}

// readCategory notes the name of a section. One that nobody knows may be a path
// of sections, or several in one ("Y tế - Giáo dục"): each of them is a hint.
func (r *topicReading) readCategory(words string) {
	slug := vietnamese.Slug(words)
	if r.file(slug, "category", words) || r.file(withoutKind(slug), "category", words) {
		return
	}
	for part := range strings.FieldsFuncSeq(strings.ReplaceAll(words, " và ", ","), isBetweenSections) {
		if c, ok := r.rules.categories[withoutKind(vietnamese.Slug(part))]; ok {
			c.broad = true
			r.filed = append(r.filed, filing{c, "category", words})
		}
	}
}

func isBetweenSections(c rune) bool { return strings.ContainsRune(",;/|>»›&–-", c) }

// withoutKind is the slug of a section's name without the words that only say
// that it is one: "Tin giáo dục", "Chuyên mục: Y tế".
func withoutKind(slug string) string {
	for _, prefix := range []string{"chuyen-muc-", "chuyen-trang-", "ban-tin-", "tin-tuc-", "tin-"} {
		if rest, ok := strings.CutPrefix(slug, prefix); ok {
			return rest
		}
	}
	return slug
}

// file notes a category, once, and reports whether it is known.
func (r *topicReading) file(slug, where, words string) bool {
	c, ok := r.rules.categories[slug]
	noted := func(f filing) bool { return f.category == c }
	if ok && !slices.ContainsFunc(r.filed, noted) {
		r.filed = append(r.filed, filing{c, where, words})
	}
	return ok
}

// result returns the primary topic and up to three secondary ones, the strongest
// first. A topic is left out whose child says more: what the article says of it
// is said more exactly.
func (r *topicReading) result() []article.TopicRef {
	for i := range r.tallies {
		t := &r.tallies[i]
		t.score += min(t.body, bodyFull) + max(t.body-bodyFull, 0)/bodyShare
	}
	r.addCategories()
	r.passDown()
	order := make([]int, 0, 16) // more topics seldom have a point
	for topic := range r.tallies {
		if r.tallies[topic].score >= enough {
			order = append(order, topic)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.tallies[b].score, r.tallies[a].score) })
	var refs []article.TopicRef
	for _, topic := range order {
		if len(refs) > 0 && !r.belongs(topic, r.tallies[order[0]].score) {
			continue
		}
		refs = append(refs, article.TopicRef{ID: r.rules.ids[topic], Primary: len(refs) == 0, Evidence: r.evidence(topic)})
		if len(refs) > maxSecondary {
			break
		}
	}
	return refs
}

// belongs reports whether a topic may stand beside a primary one with this score:
// where the source files the article there, or words say it. A broad category is
// no reason for that.
func (r *topicReading) belongs(topic, primary int) bool {
	t := &r.tallies[topic]
	named := t.hits > 1 || t.best >= namingWeight
	return t.filed || named && t.score >= enoughBeside && t.score*ofShare >= primary*besideShare
}

// addCategories counts what the source says: for the topic, or for the one below
// it of which the words speak more.
func (r *topicReading) addCategories() {
	words := slices.Clone(r.tallies)
	for _, f := range r.filed {
		topic := f.topic
		for child, parent := range r.rules.parent {
			if parent == f.topic && words[child].score >= enough && words[child].score > words[topic].score {
				topic = child
			}
		}
		points := broadCategoryPoints
		if !f.broad {
			points = categoryPoints
			r.tallies[topic].filed = true
		}
		r.tallies[topic].score += points
		r.hits = append(r.hits, hit{topic, points, f.where, f.words})
	}
}

// passDown gives the points of a topic to the strongest of its children, when
// that has as many: "phát triển kinh tế" in an article on a factory means industry.
func (r *topicReading) passDown() {
	for topic := range r.tallies {
		child := -1
		for other, parent := range r.rules.parent {
			if parent == topic && (child < 0 || r.tallies[other].score > r.tallies[child].score) {
				child = other
			}
		}
		if child < 0 || r.tallies[child].score < max(enough, r.tallies[topic].score) {
			continue
		}
		r.tallies[child].score += r.tallies[topic].score
		r.tallies[topic].score = 0
	}
}

// evidence tells the best reasons for a topic.
func (r *topicReading) evidence(topic int) string {
	reasons := make([]string, 0, maxReasons)
	for range maxReasons {
		var best *hit
		for i := range r.hits {
			h := &r.hits[i]
			if h.topic == topic && (best == nil || h.points > best.points) && !slices.Contains(reasons, h.String()) {
				best = h
			}
		}
		if best == nil {
			break
		}
		reasons = append(reasons, best.String())
	}
	return strings.Join(reasons, "; ")
}
