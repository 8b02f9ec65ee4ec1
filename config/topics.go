package config

import (
	"fmt"
	"slices"
	"strings"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

const (
	// maxPhrases is about what the taxonomy itself has; the tagger numbers the
	// syllables of all phrases with 16 bits.
	maxPhrases = 5000
	// maxPhraseWords is a title of a programme in full; what is longer stands
	// nowhere twice in the same words.
	maxPhraseWords = 10
)

// topics reads what is added to the taxonomy.
func (d *decoder) topics(v value) []article.Topic {
	d.topicIDs = map[string]value{}
	d.sections = map[string]value{}
	var topics []article.Topic
	phrases := 0
	for _, item := range d.items(v) {
		t := d.addedTopic(item)
		phrases += len(t.Phrases)
		topics = append(topics, t)
		if t.ID != "" && !d.isKnown(t.ID) {
			d.known.Topics = append(slices.Clip(d.known.Topics), article.Topic{ID: t.ID, Parent: t.Parent})
		}
	}
	if phrases > maxPhrases {
		d.report(v, fmt.Sprintf("has %d phrases, more than %d", phrases, maxPhrases), "")
	}
	return topics
}

func (d *decoder) addedTopic(v value) article.Topic {
	var t article.Topic
	f := d.fields(v, "id", "label", "parent", "sections", "phrases")
	id, ok := f.required("id")
	if ok {
		t.ID = d.newID(id, d.topicIDs)
	}
	if v, ok := f.optional("label"); ok {
		t.Label = d.title(v)
	}
	if v, ok := f.optional("parent"); ok {
		t.Parent = d.parentTopic(v, t.ID)
	}
	if v, ok := f.optional("sections"); ok {
		t.Sections = d.distinct(v, d.section)
	}
	if v, ok := f.optional("phrases"); ok {
		t.Phrases = d.phrases(v)
	}
	if t.ID == "" || v.kind != mapping {
		return t
	}
	d.checkTopic(f, id, &t)
	return t
}

// checkTopic reports what a new topic lacks, and an addition that adds nothing.
func (d *decoder) checkTopic(f fields, id value, t *article.Topic) {
	_, hasLabel := f.optional("label")
	_, hasSections := f.optional("sections")
	_, hasPhrases := f.optional("phrases")
	switch {
	case d.isKnown(t.ID) && !hasLabel && !hasSections && !hasPhrases:
		d.report(f.of, "adds nothing to "+t.ID, "give it sections or phrases")
	case d.isKnown(t.ID):
	case !hasLabel && !f.suggested["label"]:
		_, hint := suggest(t.ID, d.knownTopics())
		if !strings.HasPrefix(hint, "did you mean") {
			hint = "a new topic needs a name for readers"
		}
		d.report(id, "has no label, and no topic is called "+quote(t.ID), hint)
	case !hasSections && !hasPhrases && !f.suggested["sections"] && !f.suggested["phrases"]:
		d.report(f.of, "has neither sections nor phrases", "no article would ever be of it")
	}
}

// parentTopic reads the topic above a new one. The taxonomy has two levels.
func (d *decoder) parentTopic(v value, id string) string {
	parent := d.topic(v)
	i := slices.IndexFunc(d.known.Topics, func(t article.Topic) bool { return t.ID == parent })
	switch {
	case d.isKnown(id):
		d.report(v, "stands beside the id of a known topic", "only a new topic needs one: leave it out")
	case i >= 0 && d.known.Topics[i].Parent != "":
		d.report(v, fmt.Sprintf("%s is itself below %s", parent, d.known.Topics[i].Parent), didYouMean(d.known.Topics[i].Parent))
	default:
		return parent
	}
	return ""
}

// section reads what sources call a section, or the folder of it in addresses.
func (d *decoder) section(v value) string {
	section := d.title(v)
	slug := vietnamese.Slug(section)
	switch first, twice := d.sections[slug]; {
	case section == "":
	case slug == "":
		d.report(v, quote(section)+" holds no word", "")
	case twice && first.text != v.text:
		d.report(v, fmt.Sprintf("%s is the same section as %s", quote(section), quote(first.text)), "names are compared without accents and capitals")
	case twice:
		d.report(v, fmt.Sprintf("the section %s stands twice", quote(section)), fmt.Sprintf("the first is %s in line %d", first.path, first.line))
	default:
		d.sections[slug] = v
	}
	return section
}

// phrases reads a list of words, each alone or with its weight.
func (d *decoder) phrases(v value) []article.Phrase {
	var phrases []article.Phrase
	seen := map[string]bool{}
	for _, item := range d.items(v) {
		p := article.Phrase{Weight: article.UsualWeight}
		if item.kind == mapping {
			f := d.fields(item, "phrase", "weight")
			if v, ok := f.required("phrase"); ok {
				p.Words = d.topicPhrase(v)
			}
			if v, ok := f.optional("weight"); ok {
				p.Weight = d.number(v, article.MaxWeight)
			}
		} else {
			p.Words = d.topicPhrase(item)
		}
		folded := vietnamese.Fold(p.Words)
		if folded != "" && seen[folded] {
			d.report(item, quote(p.Words)+" stands twice", "")
			continue
		}
		seen[folded] = true
		phrases = append(phrases, p)
	}
	return phrases
}

// topicPhrase reads words as they stand side by side in a text: the tagger reads
// no phrase across other marks.
func (d *decoder) topicPhrase(v value) string {
	phrase := d.phrase(v)
	between := func(r rune) bool { return r != ' ' && r != '-' && r != ',' && !isWord(r) }
	switch {
	case strings.IndexFunc(phrase, isWord) < 0: // reported already
		return ""
	case strings.IndexFunc(phrase, between) >= 0:
		d.report(v, quote(phrase)+" is more than words", "write letters, figures, spaces, hyphens and commas")
		return ""
	case len(strings.FieldsFunc(phrase, func(r rune) bool { return !isWord(r) })) > maxPhraseWords:
		d.report(v, fmt.Sprintf("%s has more than %d words", quote(phrase), maxPhraseWords), "")
		return ""
	}
	return phrase
}

func (d *decoder) topic(v value) string { return d.oneOf(v, "topic", d.knownTopics()) }

func (d *decoder) isKnown(id string) bool { return slices.Contains(d.knownTopics(), id) }

func (d *decoder) knownTopics() []string {
	ids := make([]string, len(d.known.Topics))
	for i := range d.known.Topics {
		ids[i] = d.known.Topics[i].ID
	}
	return ids
}
