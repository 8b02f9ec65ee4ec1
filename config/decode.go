package config

import (
	"fmt"
	"slices"
	"time"

	"bantin/internal/article"
	"bantin/internal/schedule"
	"bantin/publisher"
)

// A decoder walks the tree and collects what is wrong with it. Its functions
// return something usable also after a problem, so that the walk goes on; Parse
// throws the result away then.
type decoder struct {
	known    Known // with the topics of the file, once they are read
	problems []Problem
	// topicIDs and sections are those that stand under topics.
	topicIDs, sections map[string]value
}

// A value is a node and the path that led to it. An alias puts one node on
// several paths.
type value struct {
	*node

	path *path
}

func (d *decoder) report(v value, message, hint string) {
	d.reportAt(v.position, v.path, message, hint)
}

func (d *decoder) reportAt(at position, where *path, message, hint string) {
	d.problems = append(d.problems, Problem{Line: at.line, Column: at.column, Path: where.String(), Message: message, Hint: hint})
}

// is reports whether a value is of a kind, and says so when it is not.
func (d *decoder) is(v value, want kind) bool {
	switch {
	case v.kind == want:
		return true
	case v.kind == broken: // reported already
	case v.kind == null:
		d.report(v, "has no value", "")
	case v.kind == list || v.kind == mapping:
		d.report(v, fmt.Sprintf("must be %s, not %s", want, v.kind), "")
	case want == text:
		d.report(v, "must be text", "put it in quotes: "+quote(v.text))
	default:
		d.report(v, fmt.Sprintf("must be %s, not %s", want, quote(v.text)), "")
	}
	return false
}

// fields are the keys of one mapping.
type fields struct {
	d      *decoder
	of     value
	values map[string]value
	// suggested are the keys that an unknown one was probably meant to be. They
	// are not missing as well.
	suggested map[string]bool
}

// fields reads a mapping that may have the given keys and no others.
func (d *decoder) fields(v value, keys ...string) fields {
	f := fields{d: d, of: v, values: map[string]value{}, suggested: map[string]bool{}}
	if !d.is(v, mapping) {
		for _, key := range keys {
			f.suggested[key] = true // one problem is enough
		}
		return f
	}
	for _, e := range v.entries {
		where := v.path.child(e.key)
		first, twice := f.values[e.key]
		switch {
		case !slices.Contains(keys, e.key):
			guess, hint := suggest(e.key, keys)
			f.suggested[guess] = true
			d.reportAt(e.position, where, "unknown key", hint)
		case twice:
			d.reportAt(e.position, where, "stands twice", fmt.Sprintf("the first is in line %d", first.line))
		default:
			f.values[e.key] = value{node: e.value, path: where}
		}
	}
	return f
}

// optional returns the value of a key, if it is there.
func (f fields) optional(key string) (value, bool) {
	v, ok := f.values[key]
	return v, ok
}

// required does the same and reports a key that is not there.
func (f fields) required(key string) (value, bool) {
	v, ok := f.values[key]
	if !ok {
		f.missing(key, key)
	}
	return v, ok
}

// missing reports that a key is not there. name is what the message calls it.
func (f fields) missing(key, name string) {
	if !f.suggested[key] {
		f.d.report(f.of, "has no "+name, "")
	}
}

// either returns the one of two keys that is there. Both at once is a problem.
func (f fields) either(a, b string) (key string, v value, ok bool) {
	first, hasA := f.values[a]
	second, hasB := f.values[b]
	switch {
	case hasA && hasB:
		f.d.report(second, "stands beside "+a, fmt.Sprintf("keep either %s or %s", a, b))
		return a, first, true
	case hasA:
		return a, first, true
	case hasB:
		return b, second, true
	}
	return "", value{}, false
}

// items returns the values of a list.
func (d *decoder) items(v value) []value {
	if !d.is(v, list) {
		return nil
	}
	items := make([]value, len(v.items))
	for i, n := range v.items {
		items[i] = value{node: n, path: v.path.item(i)}
	}
	return items
}

// config reads the parts in the order in which they need each other.
func (d *decoder) config(v value) *Config {
	cfg := Default()
	f := d.fields(v, "site", "store", "listen", "fetch", "retention", "publish", "topics", "sources", "channels", "digests")
	if v, ok := f.required("site"); ok {
		d.site(v, &cfg.Site)
	}
	if v, ok := f.optional("store"); ok {
		cfg.Store = d.store(v)
	}
	if v, ok := f.optional("listen"); ok {
		cfg.Listen = d.listen(v)
	}
	if isComment(cfg.Site.URL) {
		cfg.Fetch.Contact = cfg.Site.URL
	}
	if v, ok := f.optional("fetch"); ok {
		d.fetch(v, &cfg.Fetch)
	}
	if v, ok := f.optional("retention"); ok {
		d.retention(v, &cfg.Retain)
	}
	if v, ok := f.optional("topics"); ok {
		cfg.Topics = d.topics(v)
	}
	if v, ok := f.optional("publish"); ok {
		d.publish(v, &cfg.Publish)
	}
	if v, ok := f.required("sources"); ok {
		d.sources(v, cfg)
	}
	if v, ok := f.optional("channels"); ok {
		d.channels(v, cfg)
	}
	if v, ok := f.optional("digests"); ok {
		d.digests(v, cfg)
	}
	return cfg
}

func (d *decoder) site(v value, site *Site) {
	f := d.fields(v, "title", "url", "language", "timezone")
	if v, ok := f.required("title"); ok {
		site.Title = d.title(v)
	}
	if v, ok := f.required("url"); ok {
		site.URL = d.siteURL(v)
	}
	if v, ok := f.optional("language"); ok {
		site.Language = d.language(v)
	}
	if v, ok := f.optional("timezone"); ok {
		site.Timezone = d.timezone(v)
	}
}

func (d *decoder) fetch(v value, fetch *Fetch) {
	f := d.fields(v, "contact", "interval", "min_interval", "max_interval", "concurrency", "per_host", "host_gap", "pages_per_refresh", "timeout", "allow_networks")
	if v, ok := f.optional("contact"); ok {
		fetch.Contact = d.contact(v)
	}
	if v, ok := f.optional("interval"); ok {
		fetch.Interval = d.interval(v)
	}
	if v, ok := f.optional("min_interval"); ok {
		fetch.MinInterval = d.interval(v)
	}
	if v, ok := f.optional("max_interval"); ok {
		if fetch.MaxInterval = d.interval(v); fetch.MaxInterval < fetch.MinInterval {
			d.report(v, "is less than min_interval", "")
		}
	}
	if v, ok := f.optional("concurrency"); ok {
		fetch.Concurrency = d.number(v, maxConcurrency)
	}
	if v, ok := f.optional("per_host"); ok {
		fetch.PerHost = d.number(v, maxPerHost)
	}
	if v, ok := f.optional("host_gap"); ok {
		fetch.HostGap = d.duration(v, 0, maxHostGap)
	}
	if v, ok := f.optional("pages_per_refresh"); ok {
		fetch.Pages = d.number(v, maxPages)
	}
	if v, ok := f.optional("timeout"); ok {
		fetch.Timeout = d.duration(v, minTimeout, maxTimeout)
	}
	if v, ok := f.optional("allow_networks"); ok {
		fetch.AllowNetworks = d.networks(v)
	}
}

func (d *decoder) retention(v value, retain *Retention) {
	f := d.fields(v, "raw")
	if v, ok := f.optional("raw"); ok {
		retain.Raw = d.duration(v, 0, maxRetention)
	}
}

func (d *decoder) publish(v value, publish *Publish) {
	f := d.fields(v, "facets", "hubs", "dir")
	if v, ok := f.optional("facets"); ok {
		publish.Facets = d.flag(v)
	}
	if v, ok := f.optional("hubs"); ok {
		publish.Hubs = d.hubs(v)
	}
	if v, ok := f.optional("dir"); ok {
		publish.Dir = d.directory(v)
	}
}

func (d *decoder) sources(v value, cfg *Config) {
	ids := map[string]value{}
	first := map[string]Source{} // by address
	for _, item := range d.items(v) {
		s := d.source(item, cfg, ids)
		cfg.Sources = append(cfg.Sources, s)
		address := article.Address(s.URL())
		if _, known := first[address]; !known {
			first[address] = s
		}
		if other := first[address]; s.URL() != "" && other.InsecureTLS != s.InsecureTLS {
			d.report(item, fmt.Sprintf("has the address of %s, and another tls", quote(other.ID)), "it is fetched once for both: give both the same tls")
		}
	}
	if v.kind == list && len(v.items) == 0 {
		d.report(v, "is empty", "without a source there is nothing to do")
	}
}

func (d *decoder) source(v value, cfg *Config, ids map[string]value) Source {
	s := Source{Source: article.Source{Republish: defaultRepublish, FullText: defaultFullText}}
	f := d.fields(v, "id", "name", "feed", "page", "province", "schedule", "interval", "republish", "items", "full_text", "article", "dates", "expect", "tls")
	if v, ok := f.required("id"); ok {
		s.ID = d.newID(v, ids)
	}
	if v, ok := f.required("name"); ok {
		s.Name = d.title(v)
	}
	switch key, v, ok := f.either("feed", "page"); {
	case !ok:
		f.missing("feed", "feed or page")
	case key == "feed":
		s.FeedURL = d.url(v)
	default:
		s.PageURL = d.url(v)
	}
	if v, ok := f.optional("province"); ok {
		s.Province = d.province(v)
	}
	if v, ok := f.optional("republish"); ok {
		s.Republish = d.republish(v)
	}
	if v, ok := f.optional("tls"); ok {
		s.InsecureTLS = d.insecureTLS(v)
	}
	d.reading(f, &s)
	if v, ok := f.optional("expect"); ok {
		s.Expect = d.interval(v)
	}
	switch key, v, ok := f.either("schedule", "interval"); {
	case !ok && cfg.Fetch.Interval > 0:
		s.Schedule = schedule.Every(cfg.Fetch.Interval)
	case !ok: // by its rhythm
	case key == "schedule":
		s.Schedule = d.schedule(v, cfg.Site.Timezone)
	default:
		s.Schedule = schedule.Every(d.interval(v))
	}
	return s
}

// reading reads how the articles of a source are found and read.
func (d *decoder) reading(f fields, s *Source) {
	_, isPage := f.optional("page")
	_, isFeed := f.optional("feed")
	if v, ok := f.optional("items"); ok {
		s.Items = d.selector(v, "the links are found by the structure of the page")
		if isFeed && !isPage {
			d.report(v, "stands beside feed", "it selects the links of a page; a feed needs none")
		}
	}
	if v, ok := f.optional("full_text"); ok {
		s.FullText = d.fullText(v)
		if isPage && s.FullText == article.FullTextNever {
			d.report(v, "never stands beside page", "without its article pages a listing page gives nothing")
		}
	}
	if v, ok := f.optional("article"); ok {
		s.Article = d.pageRules(v)
		if s.FullText == article.FullTextNever {
			d.report(v, "stands beside full_text: never", "it is for article pages, and none is read")
		}
	}
	if v, ok := f.optional("dates"); ok {
		s.Dates = d.dateOrder(v)
	}
}

// pageRules reads where the parts of an article stand on the pages of a source.
func (d *decoder) pageRules(v value) article.PageRules {
	const without = "it is found by what is known of portals"
	var rules article.PageRules
	f := d.fields(v, "title", "lead", "body", "date", "author", "remove")
	for _, part := range []struct {
		key string
		to  *string
	}{
		{"title", &rules.Title}, {"lead", &rules.Lead}, {"body", &rules.Body}, {"date", &rules.Date}, {"author", &rules.Author},
	} {
		if v, ok := f.optional(part.key); ok {
			*part.to = d.selector(v, without)
		}
	}
	if v, ok := f.optional("remove"); ok {
		rules.Remove = d.distinct(v, func(v value) string { return d.selector(v, "nothing more is removed") })
	}
	if v.kind == mapping && len(v.entries) == 0 {
		d.report(v, "is empty", "name at least one of title, lead, body, date, author and remove")
	}
	return rules
}

func (d *decoder) channels(v value, cfg *Config) {
	ids := map[string]value{}
	tokens := map[publisher.Token]bool{}
	for _, item := range d.items(v) {
		cfg.Channels = append(cfg.Channels, d.channel(item, ids, tokens))
	}
}

func (d *decoder) channel(v value, ids map[string]value, tokens map[publisher.Token]bool) publisher.Channel {
	c := publisher.Channel{Limit: defaultLimit}
	f := d.fields(v, "id", "title", "topics", "provinces", "any", "none", "limit", "token")
	if v, ok := f.required("id"); ok {
		c.ID = d.newID(v, ids)
	}
	if v, ok := f.required("title"); ok {
		c.Title = d.title(v)
	}
	if v, ok := f.optional("topics"); ok {
		c.Topics = d.distinct(v, d.topic)
	}
	if v, ok := f.optional("provinces"); ok {
		c.Provinces = d.distinct(v, d.province)
	}
	if v, ok := f.optional("any"); ok {
		c.Any = d.distinct(v, d.phrase)
	}
	if v, ok := f.optional("none"); ok {
		c.None = d.distinct(v, d.phrase)
	}
	if v, ok := f.optional("limit"); ok {
		c.Limit = d.number(v, maxLimit)
	}
	if v, ok := f.optional("token"); ok {
		c.Token, c.Listing = d.token(v, tokens), publisher.Unlisted
	}
	return c
}

func (d *decoder) digests(v value, cfg *Config) {
	channels := make([]string, len(cfg.Channels))
	for i, c := range cfg.Channels {
		channels[i] = c.ID
	}
	ids := map[string]value{}
	for _, item := range d.items(v) {
		cfg.Digests = append(cfg.Digests, d.digest(item, cfg.Site.Timezone, channels, ids))
	}
}

func (d *decoder) digest(v value, loc *time.Location, channels []string, ids map[string]value) Digest {
	var digest Digest
	f := d.fields(v, "id", "title", "channels", "schedule")
	if v, ok := f.required("id"); ok {
		digest.ID = d.newID(v, ids)
	}
	if v, ok := f.required("title"); ok {
		digest.Title = d.title(v)
	}
	if v, ok := f.required("channels"); ok {
		digest.Channels = d.distinct(v, func(v value) string { return d.oneOf(v, "channel", channels) })
		if v.kind == list && len(v.items) == 0 {
			d.report(v, "is empty", "a digest is made of at least one channel")
		}
	}
	if v, ok := f.required("schedule"); ok {
		digest.Schedule = d.schedule(v, loc)
	}
	return digest
}
