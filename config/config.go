package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"bantin/internal/article"
	"bantin/internal/schedule"
	"bantin/publisher"
)

// A Config is a whole bantin.yaml, checked and ready for use.
type Config struct {
	Site     Site
	Store    StoreURI
	Listen   string // host:port; without a host, all addresses of the machine
	Fetch    Fetch
	Retain   Retention
	Publish  Publish
	Sources  []Source            // at least one
	Topics   []article.Topic     // added to the taxonomy; may be none
	Channels []publisher.Channel // may be none
	Digests  []Digest            // may be none
}

// A Site is what all outputs say of themselves.
type Site struct {
	Title    string
	URL      string // absolute, http or https, ends in a slash
	Language string // BCP 47
	Timezone *time.Location
}

// Fetch says how sources are asked.
type Fetch struct {
	Contact       string        // a URL or a mail address, for the User-Agent; the site's URL unless set
	Interval      time.Duration // of sources without one of their own; 0: each by its own rhythm
	MinInterval   time.Duration // of a source that is asked by its rhythm
	MaxInterval   time.Duration
	Concurrency   int           // fetches at a time
	PerHost       int           // fetches at a time from one host
	HostGap       time.Duration // between two requests to one host
	Pages         int           // article pages read in one refresh of a source
	Timeout       time.Duration // of one fetch from start to end
	AllowNetworks []netip.Prefix
}

// Retention is how long things are kept.
type Retention struct {
	Raw time.Duration // what articles were read from; 0: not at all
}

// Publish says what is published beside the channels.
type Publish struct {
	Facets bool     // a channel for each province and each topic
	Hubs   []string // URLs of the WebSub hubs that are told of changes; may be none
	Dir    string   // to which the daemon exports; empty for none
}

// A Source is a feed or page with the times at which it is asked.
type Source struct {
	article.Source

	Schedule schedule.Schedule // nil: by the source's own rhythm
	Expect   time.Duration     // the longest that it is quiet; 0: by its own rhythm
}

// A Digest is a dated issue made of channels.
type Digest struct {
	ID       string
	Title    string
	Channels []string // ids, at least one
	Schedule schedule.Schedule
}

// Known is what a configuration may refer to and cannot see by itself.
type Known struct {
	Provinces []string        // ids
	Topics    []article.Topic // id and parent
	// Getenv answers for "store: env:NAME"; os.Getenv, or nil where there is no
	// environment.
	Getenv func(name string) string
	// CheckSelector says what is wrong with a CSS selector; nil where every one
	// will do.
	CheckSelector func(selector string) error
}

// maxBytes bounds a file. 10,000 sources take about 1.4 MB; more belongs into
// more than one bantin.
const maxBytes = 2 << 20

// Load reads the file at path. A relative path of a SQLite file or of
// publish.dir begins at the folder of the configuration, so that a command finds
// the same from wherever it is called. The error is an *Error, also when the file cannot be read.
func Load(path string, known Known) (*Config, error) {
	data, err := read(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	cfg, err := Parse(path, data, known)
	if err != nil {
		return nil, err
	}
	cfg.Store = cfg.Store.below(filepath.Dir(path))
	if cfg.Publish.Dir != "" && !filepath.IsAbs(cfg.Publish.Dir) {
		cfg.Publish.Dir = filepath.Join(filepath.Dir(path), cfg.Publish.Dir)
	}
	return cfg, nil
}

// Parse reads a configuration; name is the file's name in messages. The error is
// an *Error with all problems.
func Parse(name string, data []byte, known Known) (*Config, error) {
	root, problems := parseYAML(data)
	d := decoder{known: known, problems: problems}
	var cfg *Config
	if root != nil {
		cfg = d.config(value{node: root})
	}
	if len(d.problems) > 0 {
		return nil, newError(name, d.problems)
	}
	return cfg, nil
}

// read stops one byte after the limit, so that parseYAML sees that it is passed.
func read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	return data, errors.Join(err, file.Close())
}

func unreadable(path string, err error) *Error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		err = cause.Err // the path stands before it anyway
	}
	problem := Problem{Message: fmt.Sprintf("cannot be read: %v", err)}
	if errors.Is(err, fs.ErrNotExist) {
		problem.Hint = "write one (examples/bantin.yaml is a start), or name another with -c"
	}
	return newError(path, []Problem{problem})
}
