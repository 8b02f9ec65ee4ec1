package publisher

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"bantin/internal/article"
)

// Options are what the outputs need to know besides the articles.
type Options struct {
	Title    string         // of the site; "Bản tin" when empty
	BaseURL  string         // where the site is found by others; absolute, http or https
	Language string         // BCP 47; "vi" when empty
	Version  string         // of Bantin, named as the generator; may be empty
	Location *time.Location // of all dates; UTC when nil
	// Sources are all configured sources by id. An article of a source that is
	// missing here is shown by its headline only.
	Sources map[string]article.Source
	// TopicLabels and PlaceNames are what people call the topics and provinces,
	// by id. An id without a name stands for itself.
	TopicLabels map[string]string
	PlaceNames  map[string]string
	Hubs        []string // URLs of the WebSub hubs that are told of changes
}

// Content is what Render renders.
type Content struct {
	Channels []ChannelContent
	Digests  []DigestContent
}

// ChannelContent is a channel and its articles, in any order.
type ChannelContent struct {
	Channel
	Articles []article.Article
	Left     time.Time // when an article last left it; zero when none has
	// Version names the articles and their content. With the version that a
	// Publisher holds, they need not be given; when empty they are always rendered.
	Version string
	Archive string // name of the newest part of its archive; empty when there is none
}

// DigestContent is a digest and its issues, in any order.
type DigestContent struct {
	ID, Title string
	Issues    []IssueContent
}

// IssueContent is one dated issue of a digest.
type IssueContent struct {
	Date     string // YYYY-MM-DD
	MadeAt   time.Time
	Sections []SectionContent
	Version  string // as of ChannelContent
}

// SectionContent is a channel's part of an issue. Its articles stay in the order given.
type SectionContent struct {
	Channel
	Articles []article.Article
}

// sitePath is what a path may be, so that each segment is a plain one of a URL
// and of a file name on every system.
var sitePath = regexp.MustCompile(`^/([A-Za-z0-9_-][A-Za-z0-9_.-]*/)+$`)

// validate fills in the defaults and checks what would otherwise come out as a
// wrong link in every document.
func (o *Options) validate() (*url.URL, error) {
	o.Title = cmp.Or(line(o.Title, maxTitle), "Bản tin")
	o.Language = cmp.Or(o.Language, "vi")
	o.Version = line(o.Version, maxName)
	if o.Location == nil {
		o.Location = time.UTC
	}
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("read site URL: %w", err)
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("site URL %q is not an absolute http or https URL", o.BaseURL)
	}
	base.RawQuery, base.Fragment, base.User = "", "", nil
	if !strings.HasSuffix(base.Path, "/") {
		base = base.JoinPath("/")
	}
	return base, nil
}

// validate checks ids and dates, which become paths.
func (c *Content) validate() error {
	var problems []error
	seen := map[string]bool{}
	check := func(kind, id, path string) {
		// One segment after the kind's own, so that no channel stands in another.
		if !sitePath.MatchString(path) || strings.Count(path, "/") != 3 {
			problems = append(problems, fmt.Errorf("%s id %q cannot be part of a path", kind, id))
		}
		if seen[path] {
			problems = append(problems, fmt.Errorf("%s id %q is there twice", kind, id))
		}
		seen[path] = true
	}
	for _, channel := range c.Channels {
		check("channel", channel.ID, channel.path())
	}
	for _, digest := range c.Digests {
		check("digest", digest.ID, digestPath(digest.ID))
		for _, issue := range digest.Issues {
			if _, err := time.Parse(time.DateOnly, issue.Date); err != nil {
				problems = append(problems, fmt.Errorf("digest %q has an issue dated %q", digest.ID, issue.Date))
			}
		}
	}
	return errors.Join(problems...)
}
