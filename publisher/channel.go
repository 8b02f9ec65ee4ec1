package publisher

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

// A Channel is a curated output: rules in, feeds out. A group of rules that is
// empty asks for nothing; all the others must hold.
type Channel struct {
	ID        string   // letters, digits, "-", "_" and "."; it is part of paths
	Title     string   // for people
	Topics    []string // ids; the article has one of them, primary or not
	Provinces []string // ids; the article names a place in one of them, as it is today or was then
	Any       []string // phrases; one stands in title, lead or text as whole words
	None      []string // phrases; none stands there
	Limit     int      // articles in the outputs; 0 for all that are given
	Path      string   // of its documents, from the site's root; "/c/ID/" when empty
	Token     Token    // makes it "/s/TOKEN/" where Path is empty; the channel should be Unlisted then
	Listing   Listing
}

// Listing is where the site tells of a channel.
type Listing int

// The listings.
const (
	// Listed: on the front page with its newest headlines, and in the OPML.
	Listed Listing = iota
	// Facet: a channel of all articles on one topic or about one province, which
	// nobody configured. The front page names it while it has articles.
	Facet
	// Unlisted: nowhere. Whoever has its address may read it.
	Unlisted
)

// path is where the channel's documents stand.
func (c *Channel) path() string {
	switch {
	case c.Path != "":
		return c.Path
	case c.Token != "":
		return secretHome + string(c.Token) + "/"
	}
	return "/c/" + c.ID + "/"
}

// Key names the channel together with its rules: the id, "@" and a short hash.
// Membership is stored under it, so a change of the rules, and only that, makes
// stored articles be decided again.
func (c Channel) Key() string {
	return compile(c).key
}

// Takes reports whether the channel takes an article, and the reason when not.
// For many articles use Rules, which prepares the phrases once.
func (c Channel) Takes(a *article.Article) (bool, string) {
	r := compile(c)
	reason := r.refusal(&reading{article: a})
	return reason == "", reason
}

// Rules are the rules of several channels, prepared for deciding many articles.
// They are read-only and safe for concurrent use.
type Rules struct {
	rules []rule
}

// NewRules prepares the rules of the channels.
func NewRules(channels []Channel) *Rules {
	rs := &Rules{rules: make([]rule, 0, len(channels))}
	for _, c := range channels {
		rs.rules = append(rs.rules, compile(c))
	}
	return rs
}

// Keys are the keys of all channels, in their order.
func (rs *Rules) Keys() []string {
	keys := make([]string, 0, len(rs.rules))
	for i := range rs.rules {
		keys = append(keys, rs.rules[i].key)
	}
	return keys
}

// Decide returns the keys of the channels that take the article. When none but
// facets do, unselected says for each of the others why not.
func (rs *Rules) Decide(a *article.Article) (keys []string, unselected string) {
	r := &reading{article: a}
	selected := false
	for i := range rs.rules {
		if rule := &rs.rules[i]; rule.refusal(r) == "" {
			keys = append(keys, rule.key)
			selected = selected || !rule.facet
		}
	}
	if selected {
		return keys, ""
	}
	return keys, rs.reasons(r)
}

func (rs *Rules) reasons(r *reading) string {
	var reasons []string
	for i := range rs.rules {
		if rule := &rs.rules[i]; !rule.facet {
			reasons = append(reasons, rule.id+": "+rule.refusal(r))
		}
	}
	if len(reasons) == 0 {
		return "there are no channels"
	}
	return strings.Join(reasons, "; ")
}

// A rule is a channel's rules with their phrases folded and their reasons
// spelled out, so that deciding allocates nothing.
type rule struct {
	id, key           string
	facet             bool
	topics, provinces []string
	anyOf, noneOf     []phrase
	noTopic           string
	noProvince        string
	noPhrase          string
}

type phrase struct {
	folded string
	found  string // the reason when a phrase of "none" stands in an article
}

func compile(c Channel) rule {
	return rule{
		id:         c.ID,
		facet:      c.Listing == Facet,
		key:        c.ID + "@" + rulesHash(c),
		topics:     c.Topics,
		provinces:  c.Provinces,
		anyOf:      foldPhrases(c.Any),
		noneOf:     foldPhrases(c.None),
		noTopic:    fmt.Sprintf("no topic of [%s]", strings.Join(c.Topics, ", ")),
		noProvince: fmt.Sprintf("no province of [%s]", strings.Join(c.Provinces, ", ")),
		noPhrase:   fmt.Sprintf("any: no phrase of %q", c.Any),
	}
}

func foldPhrases(written []string) []phrase {
	var phrases []phrase
	for _, w := range written {
		if folded := vietnamese.Fold(w); folded != "" {
			phrases = append(phrases, phrase{folded: folded, found: fmt.Sprintf("none: %q", w)})
		}
	}
	return phrases
}

// rulesHash is equal for two channels that take the same articles because they
// have the same rules, in whatever order and spelling.
func rulesHash(c Channel) string {
	// Raised when the same rules come to take other articles than before.
	const meaning = 1
	// %q keeps apart what a plain join would run together.
	canonical := fmt.Sprintf("%d %q %q %q %q", meaning,
		sortedSet(c.Topics), sortedSet(c.Provinces), foldedSet(c.Any), foldedSet(c.None))
	sum := sha256.Sum256([]byte(canonical))
	return hex.EncodeToString(sum[:4]) // 32 bits: it tells versions of one channel apart, nothing more
}

func sortedSet(words []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(words)))
}

func foldedSet(written []string) []string {
	var folded []string
	for _, p := range foldPhrases(written) {
		folded = append(folded, p.folded)
	}
	return sortedSet(folded)
}

// refusal is the reason why the rule does not take an article; empty when it
// does. Cheap questions come first: most articles never have their text read.
func (r *rule) refusal(of *reading) string {
	switch {
	case !of.article.TakenDown.IsZero():
		return "taken down"
	case len(r.topics) > 0 && !of.hasTopic(r.topics):
		return r.noTopic
	case len(r.provinces) > 0 && !of.hasProvince(r.provinces):
		return r.noProvince
	case len(r.anyOf) > 0 && of.firstPhrase(r.anyOf) < 0:
		return r.noPhrase
	}
	if i := of.firstPhrase(r.noneOf); i >= 0 {
		return r.noneOf[i].found
	}
	return ""
}

// A reading is an article being decided. Its text is folded when the first rule
// asks for a phrase, and once for all of them.
type reading struct {
	article *article.Article
	folded  string
}

func (of *reading) hasTopic(ids []string) bool {
	return slices.ContainsFunc(of.article.Topics, func(t article.TopicRef) bool {
		return slices.Contains(ids, t.ID)
	})
}

func (of *reading) hasProvince(ids []string) bool {
	return slices.ContainsFunc(of.article.Places, func(p article.PlaceRef) bool {
		return p.Province != "" && slices.Contains(ids, p.Province) ||
			p.ProvinceThen != "" && slices.Contains(ids, p.ProvinceThen)
	})
}

// firstPhrase is the index of the first phrase that stands in the article, or -1.
func (of *reading) firstPhrase(phrases []phrase) int {
	if len(phrases) == 0 {
		return -1
	}
	if of.folded == "" {
		a := of.article
		// The bars keep a phrase from beginning in the title and ending in the lead.
		of.folded = vietnamese.Fold(a.Title + " | " + a.Lead + " | " + a.Text)
	}
	return slices.IndexFunc(phrases, func(p phrase) bool {
		return vietnamese.HasPhrase(of.folded, p.folded)
	})
}
