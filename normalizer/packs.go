package normalizer

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// The rule packs; packs/README.md says what stands in them.
//
//go:embed packs/*.yaml
var packFiles embed.FS

// generalPack is the name of the pack that is no family.
const generalPack = "general"

// A pack is a family of portals as it is written down: the marks by which its
// article pages are known, and where the parts of an article stand in them.
type pack struct {
	Name      string   `yaml:"name"`
	About     string   `yaml:"about"`
	Seen      []string `yaml:"seen"`
	Mark      string   `yaml:"mark"`
	Address   string   `yaml:"address"`
	Generator string   `yaml:"generator"`
	Title     string   `yaml:"title"`
	Lead      string   `yaml:"lead"`
	Date      string   `yaml:"date"`
	Author    string   `yaml:"author"`
	Source    string   `yaml:"source"`
	Picture   string   `yaml:"picture"`
	Caption   string   `yaml:"caption"`
	Body      string   `yaml:"body"`
	Remove    []string `yaml:"remove"`
}

// A family is a pack that is ready for use. What it does not name is looked for
// in the general places.
type family struct {
	name      string
	mark      selector       // any element that it selects
	address   *regexp.Regexp // of path and query; nil for none
	generator string         // how the name of the software begins, in lower case
	// sure: the page has the mark. Where only its address or its software told
	// the family, nothing in the portal's own parts is taken for the article's.
	sure bool

	title, lead, date, author, source selector
	picture                           selector // of the article, above the body
	caption, body                     selector
	remove                            selector // inside the body
}

// A packSet is what a page is read by.
type packSet struct {
	families []family // by name
	general  family
}

// loadPacks reads the embedded packs.
func loadPacks() (*packSet, error) {
	var set packSet
	names, err := fs.Glob(packFiles, "packs/*.yaml")
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, name := range names {
		one, err := loadPack(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		if one.name == generalPack {
			set.general = one
			continue
		}
		set.families = append(set.families, one)
	}
	return &set, errors.Join(errs...)
}

func loadPack(name string) (family, error) {
	data, err := packFiles.ReadFile(name)
	if err != nil {
		return family{}, err
	}
	return readPack(strings.TrimSuffix(path.Base(name), ".yaml"), data)
}

// readPack reads the pack in the file of that name.
func readPack(name string, data []byte) (family, error) {
	var p pack
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&p); err != nil {
		return family{}, err
	}
	if p.Name != name {
		return family{}, fmt.Errorf("the name is %q and not that of the file", p.Name)
	}
	return p.family()
}

// family parses what a pack says.
func (p *pack) family() (family, error) {
	f := family{name: p.Name, generator: strings.ToLower(p.Generator)}
	if p.Name != generalPack && p.Mark+p.Address+p.Generator == "" {
		return family{}, errors.New("nothing says which pages it is for")
	}
	errs := []error{
		put(&f.mark, "mark", p.Mark), put(&f.title, "title", p.Title), put(&f.lead, "lead", p.Lead),
		put(&f.date, "date", p.Date), put(&f.author, "author", p.Author), put(&f.source, "source", p.Source),
		put(&f.picture, "picture", p.Picture), put(&f.caption, "caption", p.Caption), put(&f.body, "body", p.Body),
		put(&f.remove, "remove", strings.Join(p.Remove, ", ")),
	}
	if p.Address != "" {
		address, err := regexp.Compile("(?i)" + p.Address)
		if err != nil {
			errs = append(errs, fmt.Errorf("address: %w", err))
		}
		f.address = address
	}
	return f, errors.Join(errs...)
}

// put parses a selector. An empty text selects nothing.
func put(to *selector, key, text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	s, err := parseSelector(text)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	*to = s
	return nil
}

// recognise is the family of a page: the first whose mark it has, else whose
// address, else whose software.
func (set *packSet) recognise(p *page) family {
	for _, one := range set.families {
		if len(one.mark.find(p.root)) > 0 {
			one.sure = true
			return one
		}
	}
	where := addressOf(p.url)
	for _, one := range set.families {
		if one.address != nil && one.address.MatchString(where) {
			return one
		}
	}
	software := strings.ToLower(p.head.meta["generator"])
	for _, one := range set.families {
		if one.generator != "" && strings.HasPrefix(software, one.generator) {
			return one
		}
	}
	return family{}
}

// addressOf is the part of an address that a pack may ask for.
func addressOf(u *url.URL) string {
	if u.RawQuery == "" {
		return u.Path
	}
	return u.Path + "?" + u.RawQuery
}
