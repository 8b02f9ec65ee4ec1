package mongo

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bantin/internal/article"
	"bantin/internal/store"
)

// maxDocumentBytes leaves 1 MB of the 16 MB that a document may have to what the
// server adds to it and to channels that it is enrolled in later.
const maxDocumentBytes = 15 << 20

// An articleDocument is an article as docs/article.md describes it.
type articleDocument struct {
	ID       string `bson:"_id"`
	Revision int64  `bson:"revision"` // one more with each change; see replace

	Source       string `bson:"source"`
	GUID         string `bson:"guid,omitempty"`
	URL          string `bson:"url,omitempty"`
	CanonicalURL string `bson:"canonicalURL,omitempty"`
	// Twin is the id of the article itself where it has no twin or another one
	// holds it: a unique index takes a missing value for a value.
	Twin string `bson:"twin"`
	// Likeness is missing in what an older version stored, until it changes.
	Likeness int64 `bson:"likeness,omitempty"`

	Title  string `bson:"title,omitempty"`
	Lead   string `bson:"lead,omitempty"`
	HTML   string `bson:"html,omitempty"`
	Text   string `bson:"text,omitempty"`
	Author string `bson:"author,omitempty"`
	Origin string `bson:"origin,omitempty"`

	Published time.Time `bson:"published,omitempty"`
	Precision string    `bson:"precision,omitempty"`
	Updated   time.Time `bson:"updated,omitempty"`
	FirstSeen time.Time `bson:"firstSeen"`
	FetchedAt time.Time `bson:"fetchedAt,omitempty"`
	Sort      time.Time `bson:"sort"`

	Images     []imageDocument `bson:"images,omitempty"`
	Categories []string        `bson:"categories,omitempty"`
	Places     []placeDocument `bson:"places,omitempty"`
	Topics     []topicDocument `bson:"topics,omitempty"`
	Language   string          `bson:"language,omitempty"`

	ContentHash string   `bson:"contentHash"`
	Warnings    []string `bson:"warnings,omitempty"`
	Channels    []string `bson:"channels,omitempty"`
	Unselected  string   `bson:"unselected,omitempty"`

	Buried          bool      `bson:"buried"`
	TakenDown       time.Time `bson:"takenDown,omitempty"`
	TakenDownReason string    `bson:"takenDownReason,omitempty"`
}

type imageDocument struct {
	URL     string `bson:"url"`
	Caption string `bson:"caption,omitempty"`
}

type placeDocument struct {
	Name         string `bson:"name"`
	Kind         string `bson:"kind,omitempty"`
	Code         string `bson:"code,omitempty"`
	From         string `bson:"from,omitempty"`
	Until        string `bson:"until,omitempty"`
	Province     string `bson:"province,omitempty"`
	ProvinceThen string `bson:"provinceThen,omitempty"`
	Evidence     string `bson:"evidence,omitempty"`
}

type topicDocument struct {
	ID       string `bson:"id"`
	Primary  bool   `bson:"primary"`
	Evidence string `bson:"evidence,omitempty"`
}

// articleToDocument is the article in the revision, with the twin that it holds and
// its likeness.
func articleToDocument(a *article.Article, twin string, likeness, revision int64) articleDocument {
	document := articleDocument{
		ID:              a.ID,
		Revision:        revision,
		Source:          a.SourceID,
		GUID:            a.GUID,
		URL:             a.URL,
		Twin:            twin,
		Likeness:        likeness,
		Title:           a.Title,
		Lead:            a.Lead,
		HTML:            a.HTML,
		Text:            a.Text,
		Author:          a.Author,
		Origin:          a.Origin,
		Published:       a.Published,
		Precision:       string(a.Precision),
		Updated:         a.Updated,
		FirstSeen:       a.FirstSeen,
		FetchedAt:       a.FetchedAt,
		Sort:            a.SortTime(),
		Categories:      a.Categories,
		Language:        a.Language,
		ContentHash:     a.ContentHash,
		Warnings:        a.Warnings,
		Channels:        a.Channels,
		Unselected:      a.Unselected,
		Buried:          !a.TakenDown.IsZero(),
		TakenDown:       a.TakenDown,
		TakenDownReason: a.TakenDownReason,
	}
	if a.URL != "" {
		document.CanonicalURL = article.CanonicalURL(a.URL)
	}
	if twin == "" {
		document.Twin = a.ID
	}
	for _, image := range a.Images {
		document.Images = append(document.Images, imageDocument(image))
	}
	for _, place := range a.Places {
		document.Places = append(document.Places, placeDocument(place))
	}
	for _, topic := range a.Topics {
		document.Topics = append(document.Topics, topicDocument(topic))
	}
	return document
}

func (d *articleDocument) article() article.Article {
	a := article.Article{
		ID:              d.ID,
		SourceID:        d.Source,
		GUID:            d.GUID,
		URL:             d.URL,
		Title:           d.Title,
		Lead:            d.Lead,
		HTML:            d.HTML,
		Text:            d.Text,
		Author:          d.Author,
		Origin:          d.Origin,
		Published:       d.Published.UTC(),
		Precision:       article.Precision(d.Precision),
		Updated:         d.Updated.UTC(),
		FirstSeen:       d.FirstSeen.UTC(),
		FetchedAt:       d.FetchedAt.UTC(),
		Categories:      d.Categories,
		Language:        d.Language,
		ContentHash:     d.ContentHash,
		Warnings:        d.Warnings,
		Channels:        d.Channels,
		Unselected:      d.Unselected,
		TakenDown:       d.TakenDown.UTC(),
		TakenDownReason: d.TakenDownReason,
	}
	for _, image := range d.Images {
		a.Images = append(a.Images, article.Image(image))
	}
	for _, place := range d.Places {
		a.Places = append(a.Places, article.PlaceRef(place))
	}
	for _, topic := range d.Topics {
		a.Topics = append(a.Topics, article.TopicRef(topic))
	}
	return a
}

// stored is what store.Plan must know of the article.
func (d *articleDocument) stored() store.Stored {
	stored := store.Stored{
		ID:          d.ID,
		Twin:        d.Twin,
		ContentHash: d.ContentHash,
		FirstSeen:   d.FirstSeen.UTC(),
		Channels:    d.Channels,
		Buried:      d.Buried,
		Likeness:    d.Likeness,
		URL:         d.URL,
	}
	if stored.Twin == stored.ID {
		stored.Twin = ""
	}
	return stored
}

// encode is the document in BSON. One that is too large for MongoDB loses its HTML,
// which cannot be cut without harm, and then the end of its text, and says so: the
// article is kept, and its link leads to the rest.
func (d *articleDocument) encode() (bson.Raw, error) {
	raw, err := bson.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode article %s: %w", d.ID, err)
	}
	if len(raw) <= maxDocumentBytes {
		return raw, nil
	}
	cut := *d
	cut.Warnings = append(slices.Clip(cut.Warnings), // the caller's stay as they are
		fmt.Sprintf("the body of %d bytes is longer than a MongoDB document can be", len(d.HTML)+len(d.Text)))
	excess := len(raw) - len(d.HTML) + 1000 - maxDocumentBytes // the warning takes less than 1,000 bytes
	cut.HTML = ""
	if excess > 0 {
		cut.Text = firstBytes(d.Text, len(d.Text)-excess)
	}
	if raw, err = bson.Marshal(&cut); err != nil {
		return nil, fmt.Errorf("encode article %s: %w", d.ID, err)
	}
	return raw, nil
}

// firstBytes is at most n bytes of the text, of whole characters.
func firstBytes(text string, n int) string {
	if n <= 0 {
		return ""
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// A sourceDocument is a source with the state that its last refresh left.
type sourceDocument struct {
	ID          string        `bson:"_id"`
	Scheduled   bool          `bson:"scheduled"` // whether it is configured
	NextFetchAt time.Time     `bson:"nextFetchAt"`
	State       stateDocument `bson:"state"`
}

type stateDocument struct {
	URL          string    `bson:"url,omitempty"`
	ETag         validator `bson:"etag"`
	LastModified validator `bson:"lastModified"`
	BodyHash     string    `bson:"bodyHash,omitempty"`
	LastFetch    time.Time `bson:"lastFetch,omitempty"`
	LastGood     time.Time `bson:"lastGood,omitempty"`
	Failure      string    `bson:"failure,omitempty"`
	FailureText  string    `bson:"failureText,omitempty"`
	FailingSince time.Time `bson:"failingSince,omitempty"`
	Failures     int       `bson:"failures,omitempty"`
	Warnings     []string  `bson:"warnings,omitempty"`
	Tried        []string  `bson:"tried,omitempty"`

	Habits     habitsDocument `bson:"habits"`
	Move       moveDocument   `bson:"move"`
	FormerURLs []string       `bson:"formerURLs,omitempty"`
}

type habitsDocument struct {
	Items       []int64        `bson:"items,omitempty"`       // the same 64 bits: BSON has no unsigned integers
	Gap         time.Duration  `bson:"gap,omitempty"`         // nanoseconds
	MinInterval time.Duration  `bson:"minInterval,omitempty"` // nanoseconds
	SkipHours   []int          `bson:"skipHours,omitempty"`
	SkipDays    []time.Weekday `bson:"skipDays,omitempty"`
	LastNew     time.Time      `bson:"lastNew,omitempty"`
	LastWhole   time.Time      `bson:"lastWhole,omitempty"`
	EmptySince  time.Time      `bson:"emptySince,omitempty"`
	Said        []int64        `bson:"said,omitempty"` // as Items
	ReadAgain   int            `bson:"readAgain,omitempty"`
	Intake      intakeDocument `bson:"intake"`
	Pages       *pagesDocument `bson:"pages,omitempty"` // nil where no page was read
}

// A pagesDocument is an article.PageHabits.
type pagesDocument struct {
	Read  int                 `bson:"read"`
	Lines []pageLineDocument  `bson:"lines,omitempty"`
	Texts []pageTextsDocument `bson:"texts,omitempty"`
}

// The names are short: a document has hundreds of lines.
type pageLineDocument struct {
	Hash     int64 `bson:"h"` // the same 64 bits
	Articles int   `bson:"n"`
	Recent   int32 `bson:"r"`
}

type pageTextsDocument struct {
	Share float64 `bson:"share"`
	Bytes int     `bson:"bytes"`
}

func pagesToDocument(h *article.PageHabits) *pagesDocument {
	if h.Read == 0 {
		return nil
	}
	document := &pagesDocument{Read: h.Read}
	for _, line := range h.Lines {
		document.Lines = append(document.Lines, pageLineDocument{
			Hash: int64(line.Hash), Articles: line.Articles, Recent: int32(line.Recent), //nolint:gosec // the bits are what counts
		})
	}
	for _, texts := range h.Texts {
		document.Texts = append(document.Texts, pageTextsDocument(texts))
	}
	return document
}

func (d *pagesDocument) pages() article.PageHabits {
	if d == nil {
		return article.PageHabits{}
	}
	habits := article.PageHabits{Read: d.Read}
	for _, line := range d.Lines {
		habits.Lines = append(habits.Lines, article.PageLine{
			Hash: uint64(line.Hash), Articles: line.Articles, Recent: uint16(line.Recent), //nolint:gosec // the bits are what counts
		})
	}
	for _, texts := range d.Texts {
		habits.Texts = append(habits.Texts, article.PageTexts(texts))
	}
	return habits
}

type intakeDocument struct {
	Since    time.Time `bson:"since,omitempty"`
	New      int       `bson:"new,omitempty"`
	Flooding time.Time `bson:"flooding,omitempty"`
	Repeats  []int64   `bson:"repeats,omitempty"` // as Items
}

type moveDocument struct {
	To      string    `bson:"to,omitempty"`
	Since   time.Time `bson:"since,omitempty"`
	Answers int       `bson:"answers,omitempty"`
}

func stateToDocument(state *article.SourceState) stateDocument {
	return stateDocument{
		URL:          state.URL,
		ETag:         validator(state.Validators.ETag),
		LastModified: validator(state.Validators.LastModified),
		BodyHash:     state.BodyHash,
		LastFetch:    state.LastFetch,
		LastGood:     state.LastGood,
		Failure:      state.Failure,
		FailureText:  state.FailureText,
		FailingSince: state.FailingSince,
		Failures:     state.Failures,
		Warnings:     state.Warnings,
		Tried:        state.Tried,
		Habits:       habitsToDocument(&state.Habits),
		Move:         moveDocument(state.Move),
		FormerURLs:   state.FormerURLs,
	}
}

func habitsToDocument(h *article.Habits) habitsDocument {
	document := habitsDocument{
		Gap:         h.Gap,
		MinInterval: h.MinInterval,
		SkipHours:   h.SkipHours,
		SkipDays:    h.SkipDays,
		LastNew:     h.LastNew,
		LastWhole:   h.LastWhole,
		EmptySince:  h.EmptySince,
		ReadAgain:   h.ReadAgain,
		Intake:      intakeDocument{Since: h.Intake.Since, New: h.Intake.New, Flooding: h.Intake.Flooding},
		Pages:       pagesToDocument(&h.Pages),
	}
	for _, item := range h.Items {
		document.Items = append(document.Items, int64(item)) //nolint:gosec // the bits are what counts
	}
	for _, repeat := range h.Intake.Repeats {
		document.Intake.Repeats = append(document.Intake.Repeats, int64(repeat)) //nolint:gosec // the bits are what counts
	}
	for _, said := range h.Said {
		document.Said = append(document.Said, int64(said)) //nolint:gosec // the bits are what counts
	}
	return document
}

func (d *habitsDocument) habits() article.Habits {
	habits := article.Habits{
		Gap:         d.Gap,
		MinInterval: d.MinInterval,
		SkipHours:   d.SkipHours,
		SkipDays:    d.SkipDays,
		LastNew:     d.LastNew.UTC(),
		LastWhole:   d.LastWhole.UTC(),
		EmptySince:  d.EmptySince.UTC(),
		ReadAgain:   d.ReadAgain,
		Intake:      article.Intake{Since: d.Intake.Since.UTC(), New: d.Intake.New, Flooding: d.Intake.Flooding.UTC()},
		Pages:       d.Pages.pages(),
	}
	for _, item := range d.Items {
		habits.Items = append(habits.Items, uint64(item)) //nolint:gosec // the bits are what counts
	}
	for _, repeat := range d.Intake.Repeats {
		habits.Intake.Repeats = append(habits.Intake.Repeats, uint64(repeat)) //nolint:gosec // the bits are what counts
	}
	for _, said := range d.Said {
		habits.Said = append(habits.Said, uint64(said)) //nolint:gosec // the bits are what counts
	}
	return habits
}

func (d *sourceDocument) sourceState() article.SourceState {
	return article.SourceState{
		SourceID: d.ID,
		URL:      d.State.URL,
		Validators: article.Validators{
			ETag:         string(d.State.ETag),
			LastModified: string(d.State.LastModified),
		},
		BodyHash:     d.State.BodyHash,
		LastFetch:    d.State.LastFetch.UTC(),
		LastGood:     d.State.LastGood.UTC(),
		NextFetchAt:  d.NextFetchAt.UTC(),
		Failure:      d.State.Failure,
		FailureText:  d.State.FailureText,
		FailingSince: d.State.FailingSince.UTC(),
		Failures:     d.State.Failures,
		Warnings:     d.State.Warnings,
		Tried:        d.State.Tried,
		Habits:       d.State.Habits.habits(),
		Move: article.Move{
			To:      d.State.Move.To,
			Since:   d.State.Move.Since.UTC(),
			Answers: d.State.Move.Answers,
		},
		FormerURLs: d.State.FormerURLs,
	}
}

// A validator is stored as a string, and as bytes where a server sent what is not
// UTF-8 (RFC 9110 §5.5 allows it): BSON strings must be UTF-8, and a validator must
// go back byte for byte.
type validator string

func (v validator) MarshalBSONValue() (byte, []byte, error) {
	var value any = string(v)
	if !utf8.ValidString(string(v)) {
		value = []byte(v)
	}
	kind, data, err := bson.MarshalValue(value)
	return byte(kind), data, err
}

func (v *validator) UnmarshalBSONValue(kind byte, data []byte) error {
	value := bson.RawValue{Type: bson.Type(kind), Value: data}
	if text, ok := value.StringValueOK(); ok {
		*v = validator(text)
		return nil
	}
	_, octets, ok := value.BinaryOK()
	if !ok {
		return fmt.Errorf("a validator is a string or bytes and not %s", value.Type)
	}
	*v = validator(octets)
	return nil
}

type channelDocument struct {
	ID     string   `bson:"_id"`
	Key    string   `bson:"key"`
	Forget []string `bson:"forget,omitempty"` // former keys that may still have members
}

// A leavingDocument says when an article last left the channel with a key.
type leavingDocument struct {
	Key string    `bson:"_id"`
	At  time.Time `bson:"at"`
}

// A decidedDocument is a key under which every article has been decided.
type decidedDocument struct {
	Key string `bson:"_id"`
}

type issueDocument struct {
	ID       string            `bson:"_id"` // digest/date
	Digest   string            `bson:"digest"`
	Date     string            `bson:"date"`
	MadeAt   time.Time         `bson:"madeAt"`
	Sections []sectionDocument `bson:"sections,omitempty"`
}

type sectionDocument struct {
	Channel  string   `bson:"channel"`
	Articles []string `bson:"articles,omitempty"`
}

func issueID(digestID, date string) string { return digestID + "/" + date }

func issueToDocument(issue *article.Issue) issueDocument {
	document := issueDocument{
		ID:     issueID(issue.DigestID, issue.Date),
		Digest: issue.DigestID,
		Date:   issue.Date,
		MadeAt: issue.MadeAt,
	}
	for _, section := range issue.Sections {
		document.Sections = append(document.Sections, sectionDocument{Channel: section.ChannelID, Articles: section.Articles})
	}
	return document
}

func (d *issueDocument) issue() article.Issue {
	issue := article.Issue{DigestID: d.Digest, Date: d.Date, MadeAt: d.MadeAt.UTC()}
	for _, section := range d.Sections {
		issue.Sections = append(issue.Sections, article.Section{ChannelID: section.Channel, Articles: section.Articles})
	}
	return issue
}
