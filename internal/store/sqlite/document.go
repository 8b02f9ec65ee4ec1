package sqlite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/klauspost/compress/s2"

	"bantin/internal/article"
)

// An articleDocument is all of an article that has no column of its own, without
// its body. Times are milliseconds, see millis.
type articleDocument struct {
	GUID            string          `json:"guid,omitempty"`
	URL             string          `json:"url,omitempty"`
	Title           string          `json:"title,omitempty"`
	Lead            string          `json:"lead,omitempty"`
	HTMLBytes       int             `json:"htmlBytes"` // the length of the HTML, see encodeArticle
	Author          string          `json:"author,omitempty"`
	Origin          string          `json:"origin,omitempty"`
	Published       int64           `json:"published"`
	Precision       string          `json:"precision,omitempty"`
	Updated         int64           `json:"updated"`
	FetchedAt       int64           `json:"fetchedAt"`
	Images          []imageDocument `json:"images,omitempty"`
	Categories      []string        `json:"categories,omitempty"`
	Places          []placeDocument `json:"places,omitempty"`
	Topics          []topicDocument `json:"topics,omitempty"`
	Language        string          `json:"language,omitempty"`
	Warnings        []string        `json:"warnings,omitempty"`
	TakenDown       int64           `json:"takenDown"`
	TakenDownReason string          `json:"takenDownReason,omitempty"`
}

type imageDocument struct {
	URL     string `json:"url"`
	Caption string `json:"caption,omitempty"`
}

type placeDocument struct {
	Name         string `json:"name"`
	Kind         string `json:"kind,omitempty"`
	Code         string `json:"code,omitempty"`
	From         string `json:"from,omitempty"`
	Until        string `json:"until,omitempty"`
	Province     string `json:"province,omitempty"`
	ProvinceThen string `json:"provinceThen,omitempty"`
	Evidence     string `json:"evidence,omitempty"`
}

type topicDocument struct {
	ID       string `json:"id"`
	Primary  bool   `json:"primary,omitempty"`
	Evidence string `json:"evidence,omitempty"`
}

// encodeArticle packs what has no column: the document as one line of JSON, then
// the HTML and the text as they are, because quoting them as JSON costs more time
// than all the rest. S2 makes it two to three times smaller in less time than
// SQLite needs to write the pages that it saves.
func encodeArticle(a *article.Article) ([]byte, error) {
	document := articleDocument{
		GUID:            a.GUID,
		URL:             a.URL,
		Title:           a.Title,
		Lead:            a.Lead,
		HTMLBytes:       len(a.HTML),
		Author:          a.Author,
		Origin:          a.Origin,
		Published:       millis(a.Published),
		Precision:       string(a.Precision),
		Updated:         millis(a.Updated),
		FetchedAt:       millis(a.FetchedAt),
		Categories:      a.Categories,
		Language:        a.Language,
		Warnings:        a.Warnings,
		TakenDown:       millis(a.TakenDown),
		TakenDownReason: a.TakenDownReason,
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
	packed, err := toJSON(document)
	if err != nil {
		return nil, fmt.Errorf("encode article %s: %w", a.ID, err)
	}
	packed = slices.Grow(packed, len(a.HTML)+len(a.Text))
	packed = append(packed, a.HTML...)
	packed = append(packed, a.Text...)
	return bytes.Clone(s2.Encode(nil, packed)), nil // Encode sets room aside for the worst case
}

// decodeArticle adds to the article what encodeArticle packed.
func decodeArticle(a *article.Article, packed []byte) error {
	plain, err := s2.Decode(nil, packed)
	if err != nil {
		return fmt.Errorf("decode article %s: %w", a.ID, err)
	}
	head, body, _ := bytes.Cut(plain, []byte("\n"))
	var document articleDocument
	if err := json.Unmarshal(head, &document); err != nil {
		return fmt.Errorf("decode article %s: %w", a.ID, err)
	}
	if document.HTMLBytes < 0 || document.HTMLBytes > len(body) {
		return fmt.Errorf("decode article %s: the body has %d bytes and not %d", a.ID, len(body), document.HTMLBytes)
	}
	a.GUID = document.GUID
	a.URL = document.URL
	a.Title = document.Title
	a.Lead = document.Lead
	a.HTML = string(body[:document.HTMLBytes])
	a.Text = string(body[document.HTMLBytes:])
	a.Author = document.Author
	a.Origin = document.Origin
	a.Published = fromMillis(document.Published)
	a.Precision = article.Precision(document.Precision)
	a.Updated = fromMillis(document.Updated)
	a.FetchedAt = fromMillis(document.FetchedAt)
	a.Categories = document.Categories
	a.Language = document.Language
	a.Warnings = document.Warnings
	a.TakenDown = fromMillis(document.TakenDown)
	a.TakenDownReason = document.TakenDownReason
	for _, image := range document.Images {
		a.Images = append(a.Images, article.Image(image))
	}
	for _, place := range document.Places {
		a.Places = append(a.Places, article.PlaceRef(place))
	}
	for _, topic := range document.Topics {
		a.Topics = append(a.Topics, article.TopicRef(topic))
	}
	return nil
}

// A stateDocument is an article.SourceState without what has a column. The
// validators are bytes and not text: a server may send any (RFC 9110 §5.5), and
// they must go back byte for byte.
type stateDocument struct {
	URL          string   `json:"url,omitempty"`
	ETag         []byte   `json:"etag,omitempty"`
	LastModified []byte   `json:"lastModified,omitempty"`
	BodyHash     string   `json:"bodyHash,omitempty"`
	LastFetch    int64    `json:"lastFetch"`
	LastGood     int64    `json:"lastGood"`
	Failure      string   `json:"failure,omitempty"`
	FailureText  string   `json:"failureText,omitempty"`
	FailingSince int64    `json:"failingSince"`
	Failures     int      `json:"failures,omitempty"`
	Warnings     []string `json:"warnings,omitempty"`
	Tried        []string `json:"tried,omitempty"`

	Items       []uint64       `json:"items,omitempty"`
	Gap         time.Duration  `json:"gap,omitempty"`         // nanoseconds
	MinInterval time.Duration  `json:"minInterval,omitempty"` // nanoseconds
	SkipHours   []int          `json:"skipHours,omitempty"`
	SkipDays    []time.Weekday `json:"skipDays,omitempty"`
	LastNew     int64          `json:"lastNew"`
	LastWhole   int64          `json:"lastWhole"`
	EmptySince  int64          `json:"emptySince"`
	Pages       *pagesDocument `json:"pages,omitempty"` // nil where no page was read
	Said        []uint64       `json:"said,omitempty"`
	ReadAgain   int            `json:"readAgain,omitempty"`

	CountedSince  int64    `json:"countedSince"`
	CountedNew    int      `json:"countedNew,omitempty"`
	FloodingSince int64    `json:"floodingSince"`
	Repeats       []uint64 `json:"repeats,omitempty"`

	MovedTo      string   `json:"movedTo,omitempty"`
	MovedSince   int64    `json:"movedSince"`
	MovedAnswers int      `json:"movedAnswers,omitempty"`
	FormerURLs   []string `json:"formerURLs,omitempty"`
}

// A pagesDocument is an article.PageHabits. Its lists are parallel: thousands of
// sources have hundreds of lines each, and names would be most of what is stored.
type pagesDocument struct {
	Read     int       `json:"read"`
	Lines    []uint64  `json:"lines,omitempty"`
	Articles []int     `json:"articles,omitempty"`
	Recent   []uint16  `json:"recent,omitempty"`
	Shares   []float64 `json:"shares,omitempty"`
	Bytes    []int     `json:"bytes,omitempty"`
}

func pagesToDocument(h *article.PageHabits) *pagesDocument {
	if h.Read == 0 {
		return nil
	}
	document := &pagesDocument{Read: h.Read}
	for _, line := range h.Lines {
		document.Lines = append(document.Lines, line.Hash)
		document.Articles = append(document.Articles, line.Articles)
		document.Recent = append(document.Recent, line.Recent)
	}
	for _, texts := range h.Texts {
		document.Shares = append(document.Shares, texts.Share)
		document.Bytes = append(document.Bytes, texts.Bytes)
	}
	return document
}

func (d *pagesDocument) pages() (h article.PageHabits, err error) {
	if d == nil {
		return h, nil
	}
	if len(d.Articles) != len(d.Lines) || len(d.Recent) != len(d.Lines) || len(d.Bytes) != len(d.Shares) {
		return h, errors.New("the lists of its pages are not of one length")
	}
	h.Read = d.Read
	for i, hash := range d.Lines {
		h.Lines = append(h.Lines, article.PageLine{Hash: hash, Articles: d.Articles[i], Recent: d.Recent[i]})
	}
	for i, share := range d.Shares {
		h.Texts = append(h.Texts, article.PageTexts{Share: share, Bytes: d.Bytes[i]})
	}
	return h, nil
}

func encodeState(state *article.SourceState) (string, error) {
	encoded, err := toJSON(stateDocument{
		URL:          state.URL,
		ETag:         []byte(state.Validators.ETag),
		LastModified: []byte(state.Validators.LastModified),
		BodyHash:     state.BodyHash,
		LastFetch:    millis(state.LastFetch),
		LastGood:     millis(state.LastGood),
		Failure:      state.Failure,
		FailureText:  state.FailureText,
		FailingSince: millis(state.FailingSince),
		Failures:     state.Failures,
		Warnings:     state.Warnings,
		Tried:        state.Tried,
		Items:        state.Habits.Items,
		Gap:          state.Habits.Gap,
		MinInterval:  state.Habits.MinInterval,
		SkipHours:    state.Habits.SkipHours,
		SkipDays:     state.Habits.SkipDays,
		LastNew:      millis(state.Habits.LastNew),
		LastWhole:    millis(state.Habits.LastWhole),
		EmptySince:   millis(state.Habits.EmptySince),
		Pages:        pagesToDocument(&state.Habits.Pages),
		Said:         state.Habits.Said,
		ReadAgain:    state.Habits.ReadAgain,

		CountedSince:  millis(state.Habits.Intake.Since),
		CountedNew:    state.Habits.Intake.New,
		FloodingSince: millis(state.Habits.Intake.Flooding),
		Repeats:       state.Habits.Intake.Repeats,

		MovedTo:      state.Move.To,
		MovedSince:   millis(state.Move.Since),
		MovedAnswers: state.Move.Answers,
		FormerURLs:   state.FormerURLs,
	})
	if err != nil {
		return "", fmt.Errorf("encode state of source %s: %w", state.SourceID, err)
	}
	return string(encoded), nil
}

func decodeState(id string, next int64, encoded []byte) (article.SourceState, error) {
	none := millis(time.Time{})
	document := stateDocument{CountedSince: none, FloodingSince: none} // older files lack them
	if err := json.Unmarshal(encoded, &document); err != nil {
		return article.SourceState{}, fmt.Errorf("decode state of source %s: %w", id, err)
	}
	pages, err := document.Pages.pages()
	if err != nil {
		return article.SourceState{}, fmt.Errorf("decode state of source %s: %w", id, err)
	}
	return article.SourceState{
		SourceID: id,
		URL:      document.URL,
		Validators: article.Validators{
			ETag:         string(document.ETag),
			LastModified: string(document.LastModified),
		},
		BodyHash:     document.BodyHash,
		LastFetch:    fromMillis(document.LastFetch),
		LastGood:     fromMillis(document.LastGood),
		NextFetchAt:  fromMillis(next),
		Failure:      document.Failure,
		FailureText:  document.FailureText,
		FailingSince: fromMillis(document.FailingSince),
		Failures:     document.Failures,
		Warnings:     document.Warnings,
		Tried:        document.Tried,
		Habits: article.Habits{
			Items:       document.Items,
			Gap:         document.Gap,
			MinInterval: document.MinInterval,
			SkipHours:   document.SkipHours,
			SkipDays:    document.SkipDays,
			LastNew:     fromMillis(document.LastNew),
			LastWhole:   fromMillis(document.LastWhole),
			EmptySince:  fromMillis(document.EmptySince),
			Said:        document.Said,
			ReadAgain:   document.ReadAgain,
			Intake: article.Intake{
				Since:    fromMillis(document.CountedSince),
				New:      document.CountedNew,
				Flooding: fromMillis(document.FloodingSince),
				Repeats:  document.Repeats,
			},
			Pages: pages,
		},
		Move: article.Move{
			To:      document.MovedTo,
			Since:   fromMillis(document.MovedSince),
			Answers: document.MovedAnswers,
		},
		FormerURLs: document.FormerURLs,
	}, nil
}

type issueDocument struct {
	MadeAt   int64             `json:"madeAt"`
	Sections []sectionDocument `json:"sections,omitempty"`
}

type sectionDocument struct {
	ChannelID string   `json:"channel"`
	Articles  []string `json:"articles,omitempty"`
}

func encodeIssue(issue *article.Issue) (string, error) {
	document := issueDocument{MadeAt: millis(issue.MadeAt)}
	for _, section := range issue.Sections {
		document.Sections = append(document.Sections, sectionDocument(section))
	}
	encoded, err := toJSON(document)
	if err != nil {
		return "", fmt.Errorf("encode issue %s of digest %s: %w", issue.Date, issue.DigestID, err)
	}
	return string(encoded), nil
}

func decodeIssue(digest, date string, encoded []byte) (article.Issue, error) {
	var document issueDocument
	if err := json.Unmarshal(encoded, &document); err != nil {
		return article.Issue{}, fmt.Errorf("decode issue %s of digest %s: %w", date, digest, err)
	}
	issue := article.Issue{DigestID: digest, Date: date, MadeAt: fromMillis(document.MadeAt)}
	for _, section := range document.Sections {
		issue.Sections = append(issue.Sections, article.Section(section))
	}
	return issue, nil
}

// toJSON leaves <, > and & as they are: the value is never part of a page, and
// bodies are full of them.
func toJSON(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// millis is a time as it is stored: milliseconds since 1970. The zero time is
// itself a number (of the year 1), so it comes back as the zero time.
func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
