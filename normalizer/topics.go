package normalizer

import (
	_ "embed" // the taxonomy
	"errors"
	"fmt"
	"maps"
	"math"
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

// Topics returns the taxonomy with what was added to it, in its order: ids,
// labels and parents.
func Topics(added []article.Topic) []article.Topic {
	var topics []article.Topic
	eachRow(topicsText, func(columns []string) {
		topics = append(topics, article.Topic{ID: columns[0], Parent: columns[1], Label: columns[2]})
	})
	for _, a := range added {
		i := slices.IndexFunc(topics, func(t article.Topic) bool { return t.ID == a.ID })
		switch {
		case i < 0:
			topics = append(topics, article.Topic{ID: a.ID, Parent: a.Parent, Label: a.Label})
		case a.Label != "":
			topics[i].Label = a.Label
		}
	}
	return topics
}

// TopicIDs returns the ids of the taxonomy, in its order.
func TopicIDs() []string {
	var ids []string
	for _, t := range Topics(nil) {
		ids = append(ids, t.ID)
	}
	return ids
}

// A topicTagger holds the taxonomy and finds its phrases in one pass over the
// syllables of a text. All spellings of a syllable (lower case, capitalised,
// capital, tone mark on either vowel) lead to one number, so that no text has to
// be folded; phrases are paths of a trie over those numbers.
type topicTagger struct {
	ids        []string
	parent     []int // index of the parent, or -1
	syllables  map[string]uint16
	firsts     []uint16            // node of a phrase's first syllable, by syllable; 0 for none
	next       map[uint32]uint16   // node<<16 | syllable → node
	followers  []uint64            // by node: a bit for each remainder of syllables that may follow
	phrases    [][]award           // by node; nil where no phrase ends, empty where a formula does
	categories map[string]category // by slug
	tones      *strings.Replacer
}

// An award is what a phrase is worth for one topic.
type award struct {
	topic    int
	title    int // in a title
	anywhere int // elsewhere
}

// A category is what a section of a source says.
type category struct {
	topic int
	broad bool // a hint: papers put everything into it (Thời sự, Xã hội)
}

func newTopicTagger(added []article.Topic) (topicTagger, error) {
	t := topicTagger{
		syllables:  make(map[string]uint16, 1<<13), // about their numbers: growing takes time
		firsts:     []uint16{0},
		next:       make(map[uint32]uint16, 1<<14),
		followers:  make([]uint64, 1),
		phrases:    make([][]award, 1),
		categories: map[string]category{},
		tones:      vietnamese.LastVowelTones(),
	}
	index := map[string]int{}
	topics := Topics(added)
	for i, topic := range topics {
		index[topic.ID] = i
	}
	errs := []error{t.addTopics(index, topics)}
	eachRow(topicsText, func(columns []string) {
		errs = append(errs, t.addSections(index, columns))
	})
	t.addJoined()
	eachRow(phrasesText, func(columns []string) {
		errs = append(errs, t.addPhrases(index, columns))
	})
	for i := range added {
		errs = append(errs, t.extend(index[added[i].ID], &added[i]))
	}
	return t, errors.Join(errs...)
}

// addTopics takes over the tree. It has two levels: an article of a topic is one
// of its parent, and nobody looks for more.
func (t *topicTagger) addTopics(index map[string]int, topics []article.Topic) error {
	for _, topic := range topics {
		parent, ok := index[topic.Parent]
		switch {
		case topic.Parent == "":
			parent = -1
		case !ok || topics[parent].Parent != "":
			return fmt.Errorf("%w: the topic %s cannot be below %q", ErrTagRules, topic.ID, topic.Parent)
		}
		t.ids = append(t.ids, topic.ID)
		t.parent = append(t.parent, parent)
	}
	return nil
}

// addSections reads a row of topics.tsv.
func (t *topicTagger) addSections(index map[string]int, columns []string) error {
	if len(columns) != 5 {
		return badRow("topics.tsv", columns, "not five columns")
	}
	topic := index[columns[0]]
	return errors.Join(
		t.addCategories(category{topic, false}, columns[3]),
		t.addCategories(category{topic, true}, columns[4]))
}

func (t *topicTagger) addCategories(c category, slugs string) error {
	for slug := range strings.FieldsSeq(slugs) {
		if _, ok := t.categories[slug]; ok {
			return badRow("topics.tsv", []string{slug}, "a category of two topics")
		}
		t.categories[slug] = c
	}
	return nil
}

// addJoined adds the spelling of folders without hyphens (/thethao/), where it
// is not another's slug.
func (t *topicTagger) addJoined() {
	for _, slug := range slices.Sorted(maps.Keys(t.categories)) {
		joined := strings.ReplaceAll(slug, "-", "")
		if _, taken := t.categories[joined]; !taken {
			t.categories[joined] = t.categories[slug]
		}
	}
}

// formula is the topic of phrases that say nothing, and hide what stands within
// them: portals write them everywhere.
const formula = "-"

// addPhrases reads a row of phrases.tsv.
func (t *topicTagger) addPhrases(index map[string]int, columns []string) error {
	if len(columns) != 3 {
		return badRow("phrases.tsv", columns, "not a topic, a weight and phrases")
	}
	topic, ok := index[columns[0]]
	if !ok && columns[0] != formula {
		return badRow("phrases.tsv", columns, "no such topic")
	}
	a, err := readWeight(columns[1])
	if err != nil {
		return badRow("phrases.tsv", columns, err.Error())
	}
	var awards []award
	if ok {
		a.topic = topic
		awards = []award{a}
	}
	for phrase := range strings.SplitSeq(columns[2], "; ") {
		if phrase != vietnamese.Fold(phrase) {
			return badRow("phrases.tsv", []string{phrase}, "not in folded form")
		}
		node, err := t.path(phrase)
		if err != nil {
			return err
		}
		for _, other := range t.phrases[node] {
			if !ok || other.topic == topic {
				return badRow("phrases.tsv", []string{phrase}, "twice for one topic")
			}
		}
		t.phrases[node] = append(t.phrases[node], awards...)
		if t.phrases[node] == nil {
			t.phrases[node] = []award{}
		}
	}
	return nil
}

// readWeight reads "2", or "2/1" for titles and elsewhere.
func readWeight(column string) (award, error) {
	title, anywhere, differ := strings.Cut(column, "/")
	if !differ {
		anywhere = title
	}
	var a award
	var titleErr, err error
	a.title, titleErr = strconv.Atoi(title)
	a.anywhere, err = strconv.Atoi(anywhere)
	return a, errors.Join(titleErr, err)
}

// extend adds what an operator says of a topic. It goes before what is known.
func (t *topicTagger) extend(topic int, added *article.Topic) error {
	for _, section := range added.Sections {
		t.categories[vietnamese.Slug(section)] = category{topic, false}
	}
	for _, phrase := range added.Phrases {
		node, err := t.path(vietnamese.Fold(phrase.Words))
		if err != nil {
			return err
		}
		others := slices.DeleteFunc(t.phrases[node], func(a award) bool { return a.topic == topic })
		t.phrases[node] = append(others, award{topic, phrase.Weight, phrase.Weight})
	}
	return nil
}

// path returns the node at the end of a folded phrase.
func (t *topicTagger) path(phrase string) (uint16, error) {
	node := uint16(0)
	for i, found := range appendTokens(nil, phrase) {
		if len(t.phrases) > math.MaxUint16 || i > 0 && found.fresh {
			return 0, badRow("phrases", []string{phrase}, "there are too many, or more than words stand in it")
		}
		id := t.syllable(phrase[found.start:found.end])
		child := t.firsts[id]
		if i > 0 {
			child = t.next[uint32(node)<<16|uint32(id)]
		}
		if child == 0 {
			child = uint16(len(t.phrases)) //nolint:gosec // it was checked
			t.phrases, t.followers = append(t.phrases, nil), append(t.followers, 0)
			if i > 0 {
				t.next[uint32(node)<<16|uint32(id)] = child
				t.followers[node] |= followerBit(id)
			} else {
				t.firsts[id] = child
			}
		}
		node = child
	}
	if node == 0 {
		return 0, badRow("phrases", []string{phrase}, "it holds no word")
	}
	return node, nil
}

// followerBit is the place of a syllable in a word of 64. Most syllables follow
// no given one, and a look at its bit is cheaper than one into the map.
func followerBit(syllable uint16) uint64 { return 1 << (syllable & 63) }

// syllable returns the number of a folded syllable, a new one with all its
// spellings when it is not known yet. There are fewer of them than nodes.
func (t *topicTagger) syllable(folded string) uint16 {
	if id, ok := t.syllables[folded]; ok {
		return id
	}
	id := uint16(len(t.firsts)) //nolint:gosec // not more than nodes, which path counts
	t.firsts = append(t.firsts, 0)
	for _, s := range []string{folded, t.tones.Replace(folded), otherVowel(folded)} {
		t.syllables[s] = id
		t.syllables[capitalised(s)] = id
		t.syllables[strings.ToUpper(s)] = id
		if rest, ok := strings.CutPrefix(s, "đ"); ok { // eth is what old converters made of Đ
			t.syllables["Ð"+rest] = id
			t.syllables["Ð"+strings.ToUpper(rest)] = id
		}
	}
	return id
}

// otherVowel writes the syllable of one consonant and i with y and the reverse,
// where both are written: behind h, k, l, m, s and t (bác sĩ, bác sỹ).
func otherVowel(syllable string) string {
	letters, others := []rune("iíìỉĩị"), []rune("yýỳỷỹỵ")
	if syllable == "" || !strings.ContainsRune("hklmst", rune(syllable[0])) {
		return syllable
	}
	for i := range letters {
		switch syllable[1:] {
		case string(letters[i]):
			return syllable[:1] + string(others[i])
		case string(others[i]):
			return syllable[:1] + string(letters[i])
		}
	}
	return syllable
}
