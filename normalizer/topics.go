package normalizer

import (
	"cmp"
	_ "embed" // the taxonomy
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

//go:embed data/topics.tsv
var topicsText string

//go:embed data/phrases.tsv
var phrasesText string

// A Topic is an entry of the taxonomy.
type Topic struct {
	ID     string
	Label  string // Vietnamese, for readers
	Parent string // id of the topic that holds this one; empty at the top
}

// Topics returns the taxonomy, in its order.
func Topics() []Topic {
	var topics []Topic
	eachRow(topicsText, func(columns []string) {
		topics = append(topics, Topic{ID: columns[0], Parent: columns[1], Label: columns[2]})
	})
	return topics
}

// TopicIDs returns the ids of the taxonomy, in its order.
func TopicIDs() []string {
	var ids []string
	for _, t := range Topics() {
		ids = append(ids, t.ID)
	}
	return ids
}

// What evidence is worth. A phrase has a weight of 1 to 3; a title says what an
// article is about, a lead nearly, and in the body a phrase may stand in passing.
const (
	titleFactor = 4
	leadFactor  = 2
	textFactor  = 1
	// A phrase that a body repeats counts this often, so that length is no argument.
	textRepeats = 3
	// The source's own category decides where it is a topic's, and is a hint
	// where papers put everything into it (Thời sự, Xã hội).
	categoryPoints      = 24
	broadCategoryPoints = 8
	// A topic needs a phrase of weight 2 in the title, or as much elsewhere.
	enough = 8
	// A secondary topic needs at least a quarter of what the primary one has.
	secondaryShare = 4
	maxSecondary   = 3
	// A reader of the evidence wants the best reasons, not all.
	maxReasons = 3
)

// A topicTagger holds the taxonomy and finds its phrases in one pass over the
// syllables of a text. All spellings of a syllable (lower case, capitalised,
// capital, tone mark on either vowel) lead to one number, so that no text has to
// be folded; phrases are paths of a trie over those numbers.
type topicTagger struct {
	topics     []Topic
	parent     []int // index of the parent, or -1
	syllables  map[string]uint16
	firsts     []uint16            // node of a phrase's first syllable, by syllable; 0 for none
	next       map[uint32]uint16   // node<<16 | syllable → node
	phrases    [][]award           // by node; empty where no phrase ends
	categories map[string]category // by slug
	tones      *strings.Replacer
}

// An award is what a phrase says of one topic.
type award struct {
	topic, weight int
}

// A category is what a section of a source says.
type category struct {
	topic, points int
}

func newTopicTagger() (topicTagger, error) {
	t := topicTagger{
		topics:     Topics(),
		syllables:  map[string]uint16{},
		firsts:     []uint16{0},
		next:       map[uint32]uint16{},
		phrases:    make([][]award, 1),
		categories: map[string]category{},
		tones:      vietnamese.LastVowelTones(),
	}
	index := map[string]int{}
	for i, topic := range t.topics {
		index[topic.ID] = i
	}
	var errs []error
	eachRow(topicsText, func(columns []string) {
		if len(columns) != 5 {
			errs = append(errs, badRow("topics.tsv", columns, "not five columns"))
			return
		}
		parent, ok := index[columns[1]]
		if !ok {
			parent = -1
		}
		if !ok && columns[1] != "" {
			errs = append(errs, badRow("topics.tsv", columns, "no such parent"))
		}
		t.parent = append(t.parent, parent)
		errs = append(errs,
			t.addCategories(index[columns[0]], categoryPoints, columns[3]),
			t.addCategories(index[columns[0]], broadCategoryPoints, columns[4]))
	})
	eachRow(phrasesText, func(columns []string) {
		topic, ok := index[columns[0]]
		if len(columns) != 3 || !ok {
			errs = append(errs, badRow("phrases.tsv", columns, "not a topic, a weight and phrases"))
			return
		}
		weight, err := strconv.Atoi(columns[1])
		errs = append(errs, err)
		for phrase := range strings.SplitSeq(columns[2], "; ") {
			errs = append(errs, t.addPhrase(phrase, award{topic, weight}))
		}
	})
	return t, errors.Join(errs...)
}

func (t *topicTagger) addCategories(topic, points int, slugs string) error {
	for slug := range strings.FieldsSeq(slugs) {
		if _, ok := t.categories[slug]; ok {
			return badRow("topics.tsv", []string{slug}, "a category of two topics")
		}
		t.categories[slug] = category{topic, points}
	}
	return nil
}

func (t *topicTagger) addPhrase(phrase string, a award) error {
	if phrase != vietnamese.Fold(phrase) {
		return badRow("phrases.tsv", []string{phrase}, "not in folded form")
	}
	node := uint16(0)
	for i, syllable := range strings.Fields(phrase) {
		id := t.syllable(syllable)
		child := t.firsts[id]
		if i > 0 {
			child = t.next[uint32(node)<<16|uint32(id)]
		}
		if child == 0 {
			child = uint16(len(t.phrases)) //nolint:gosec // about 2,000 nodes
			t.phrases = append(t.phrases, nil)
			if i > 0 {
				t.next[uint32(node)<<16|uint32(id)] = child
			} else {
				t.firsts[id] = child
			}
		}
		node = child
	}
	for _, other := range t.phrases[node] {
		if other.topic == a.topic {
			return badRow("phrases.tsv", []string{phrase}, "twice for one topic")
		}
	}
	t.phrases[node] = append(t.phrases[node], a)
	return nil
}

// syllable returns the number of a folded syllable, a new one with all its
// spellings when it is not known yet.
func (t *topicTagger) syllable(folded string) uint16 {
	if id, ok := t.syllables[folded]; ok {
		return id
	}
	id := uint16(len(t.firsts)) //nolint:gosec // about 1,000 syllables
	t.firsts = append(t.firsts, 0)
	for _, s := range []string{folded, t.tones.Replace(folded)} {
		t.syllables[s] = id
		t.syllables[capitalised(s)] = id
		t.syllables[strings.ToUpper(s)] = id
	}
	return id
}

// A topicReading is the reading of one article.
type topicReading struct {
	rules *topicTagger
	seen  []uint8 // by node: how often its phrase was read in the text
	score []int   // by topic
	hits  []hit
	path  []uint16 // the syllables of the part that is read
}

// A hit is a reason for a topic.
type hit struct {
	topic, points int
	where         string
	words         string
}

func (h *hit) String() string { return h.where + ": " + h.words }

func (t *topicTagger) begin() topicReading {
	return topicReading{
		rules: t,
		seen:  make([]uint8, len(t.phrases)),
		score: make([]int, len(t.topics)),
		hits:  make([]hit, 0, 64), // an article of 2,500 bytes has about 40
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
		if end := i + last + 1; found != 0 && end > covered {
			covered = end
			r.award(found, z, text[tokens[i].start:tokens[i+last].end])
		}
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
		if i == len(path) || path[i] == 0 || tokens[i].fresh {
			return found, last
		}
		if node = t.next[uint32(node)<<16|uint32(path[i])]; node == 0 {
			return found, last
		}
	}
}

func (r *topicReading) award(node uint16, z zone, words string) {
	factor := textFactor
	switch z {
	case inTitle:
		factor = titleFactor
	case inLead:
		factor = leadFactor
	case inText, zones:
		if r.seen[node] == textRepeats {
			return
		}
		r.seen[node]++
	}
	for _, a := range r.rules.phrases[node] {
		r.add(hit{a.topic, a.weight * factor, z.String(), words})
	}
}

func (r *topicReading) add(h hit) {
	r.score[h.topic] += h.points
	r.hits = append(r.hits, h)
}

// readCategories counts what the source files the article under: its
// categories and the folders of its address.
func (r *topicReading) readCategories(categories []string, link string) {
	var read []category
	count := func(slug, where, words string) {
		c, ok := r.rules.categories[slug]
		if ok && !slices.Contains(read, c) {
			read = append(read, c)
			r.add(hit{c.topic, c.points, where, words})
		}
	}
	for _, words := range categories {
		count(vietnamese.Slug(words), "category", words)
	}
	u, err := url.Parse(link)
	if err != nil {
		return
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		count(strings.ToLower(segment), "address", segment)
	}
}

// result returns the primary topic and up to three secondary ones, the
// strongest first. A topic whose child is there too is left out: what the
// article says of it is said more exactly.
func (r *topicReading) result() []article.TopicRef {
	r.passDown()
	best := make([]int, 0, 8) // few topics ever have enough
	for topic, score := range r.score {
		if score >= enough {
			best = append(best, topic)
		}
	}
	slices.SortStableFunc(best, func(a, b int) int { return cmp.Compare(r.score[b], r.score[a]) })
	var refs []article.TopicRef
	for _, topic := range best {
		if len(refs) > maxSecondary || r.score[topic]*secondaryShare < r.score[best[0]] {
			break
		}
		refs = append(refs, article.TopicRef{
			ID: r.rules.topics[topic].ID, Primary: len(refs) == 0, Evidence: r.evidence(topic),
		})
	}
	return refs
}

// passDown gives the points of a topic to the strongest of its children, when
// that stands on its own feet: "Kinh tế" over an article on a factory means industry.
func (r *topicReading) passDown() {
	for topic := range r.score {
		child := -1
		for other, parent := range r.rules.parent {
			if parent == topic && r.score[other] >= enough && (child < 0 || r.score[other] > r.score[child]) {
				child = other
			}
		}
		if child < 0 {
			continue
		}
		r.score[child] += r.score[topic]
		r.score[topic] = 0
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
