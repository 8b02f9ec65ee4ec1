package article

// A Topic is an entry of the taxonomy, or what an operator adds to one.
type Topic struct {
	ID       string
	Label    string   // for readers
	Parent   string   // id of the topic that holds this one; empty at the top
	Sections []string // of sources that mean it: their names, or folders of addresses
	Phrases  []Phrase // that speak for it
}

// A Phrase speaks for a topic wherever it stands in an article.
type Phrase struct {
	Words  string
	Weight int // from MinWeight to MaxWeight
}

// The weights of phrases. UsualWeight is that of a phrase which names its topic.
const (
	MinWeight   = 1 // occurs elsewhere too
	UsualWeight = 3
	MaxWeight   = 5 // decides, whatever else the article speaks of
)
