package eval

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
)

// A Set is an evaluation set: inputs with what an editor expects of them.
type Set struct {
	Pages  []Page
	Feeds  []Feed
	Places []PlaceCase
	Topics []TopicCase
}

// A Page is an article page and the article on it.
type Page struct {
	Name string
	HTML []byte
	pageFile
}

type pageFile struct {
	URL      string `yaml:"url"`
	Family   string `yaml:"family"`
	Province string `yaml:"province"` // of the source
	Seen     string `yaml:"seen"`     // when it was fetched, RFC 3339
	Want     Record `yaml:",inline"`
}

// A Record is what is compared of an article. Empty means that it has none.
type Record struct {
	Title     string   `yaml:"title"`
	Published string   `yaml:"published"` // 2006-01-02, 2006-01-02 15h or 2006-01-02 15:04, in Vietnam
	Lead      string   `yaml:"lead"`
	Author    string   `yaml:"author"`
	Origin    string   `yaml:"origin"`
	Captions  []string `yaml:"captions"`
	Body      string   `yaml:"body"` // one paragraph a line
}

// A Feed is a feed and its items.
type Feed struct {
	Name string
	Body []byte
	feedFile
}

type feedFile struct {
	Proves      string `yaml:"proves"`
	Damaged     bool   `yaml:"damaged"` // but readable
	URL         string `yaml:"url"`
	ContentType string `yaml:"content_type"`
	Province    string `yaml:"province"`
	Dates       string `yaml:"dates"` // dmy or mdy
	Seen        string `yaml:"seen"`
	Items       []Item `yaml:"items"`
}

// An Item is what is compared of an item of a feed.
type Item struct {
	Title      string   `yaml:"title"`
	URL        string   `yaml:"url"`
	Published  string   `yaml:"published"`
	Author     string   `yaml:"author"`
	Text       string   `yaml:"text"` // lead and body
	Categories []string `yaml:"categories"`
}

// A PlaceCase is an article and the codes of all places that it names.
type PlaceCase struct {
	Date     string   `yaml:"date"`
	Province string   `yaml:"province"` // of the source
	Title    string   `yaml:"title"`
	Lead     string   `yaml:"lead"`
	Text     string   `yaml:"text"`
	Places   []string `yaml:"places"`
	Note     string   `yaml:"note"` // the trap in it
}

// A TopicCase is an article and where an editor files it.
type TopicCase struct {
	Section    string   `yaml:"section"`
	Categories []string `yaml:"categories"`
	Title      string   `yaml:"title"`
	Lead       string   `yaml:"lead"`
	Text       string   `yaml:"text"`
	Primary    string   `yaml:"primary"`
	Or         []string `yaml:"or"`   // primaries that are as good
	Also       []string `yaml:"also"` // secondary topics
	Note       string   `yaml:"note"`
}

// Load reads a set from a folder with pages, feeds, places.yaml and topics.yaml.
// An input without an expectation, or the reverse, is an error, and so is a
// part without anything in it.
func Load(dir fs.FS) (*Set, error) {
	var set Set
	if err := pairs(dir, "pages", func(name string, input, expectation []byte) error {
		page := Page{Name: name, HTML: input}
		err := decode(expectation, &page.pageFile)
		page.Want.tidy()
		set.Pages = append(set.Pages, page)
		return err
	}); err != nil {
		return nil, err
	}
	if err := pairs(dir, "feeds", func(name string, input, expectation []byte) error {
		feed := Feed{Name: name, Body: input}
		err := decode(expectation, &feed.feedFile)
		set.Feeds = append(set.Feeds, feed)
		return err
	}); err != nil {
		return nil, err
	}
	if err := list(dir, "places.yaml", &set.Places); err != nil {
		return nil, err
	}
	if err := list(dir, "topics.yaml", &set.Topics); err != nil {
		return nil, err
	}
	if len(set.Pages) == 0 || len(set.Feeds) == 0 || len(set.Places) == 0 || len(set.Topics) == 0 {
		return nil, errors.New("load evaluation set: a part of it is empty")
	}
	return &set, nil
}

// tidy makes texts comparable: clean lines, no empty ones.
func (r *Record) tidy() {
	r.Title, r.Lead, r.Author, r.Origin = squeeze(r.Title), squeeze(r.Lead), squeeze(r.Author), squeeze(r.Origin)
	for i := range r.Captions {
		r.Captions[i] = squeeze(r.Captions[i])
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// pairs calls read for each input of a folder with its expectation, NAME.yaml.
func pairs(dir fs.FS, folder string, read func(name string, input, expectation []byte) error) error {
	entries, err := fs.ReadDir(dir, folder)
	if err != nil {
		return fmt.Errorf("load evaluation set: %w", err)
	}
	inputs, expectations := 0, 0
	for _, entry := range entries {
		file := path.Join(folder, entry.Name())
		name, isExpectation := strings.CutSuffix(file, ".yaml")
		if isExpectation {
			expectations++
			continue
		}
		name = strings.TrimSuffix(name, path.Ext(name))
		inputs++
		input, err := fs.ReadFile(dir, file)
		if err != nil {
			return fmt.Errorf("load evaluation set: %w", err)
		}
		expectation, err := fs.ReadFile(dir, name+".yaml")
		if err != nil {
			return fmt.Errorf("load evaluation set: %w", err)
		}
		if err := read(path.Base(name), input, expectation); err != nil {
			return fmt.Errorf("load evaluation set: %s.yaml: %w", name, err)
		}
	}
	if inputs != expectations {
		return fmt.Errorf("load evaluation set: %s has %d inputs and %d expectations", folder, inputs, expectations)
	}
	return nil
}

func list(dir fs.FS, file string, into any) error {
	text, err := fs.ReadFile(dir, file)
	if err != nil {
		return fmt.Errorf("load evaluation set: %w", err)
	}
	if err := decode(text, into); err != nil {
		return fmt.Errorf("load evaluation set: %s: %w", file, err)
	}
	return nil
}

// decode reads YAML strictly: a misspelt key would be an expectation that
// nothing is compared with.
func decode(text []byte, into any) error {
	return yaml.UnmarshalWithOptions(text, into, yaml.Strict())
}
