package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"bantin/publisher"

	"golang.org/x/sync/singleflight"
)

const (
	// archiveCacheBytes bounds the archive documents that are kept: about 15 of the
	// largest, more than one reader has open.
	archiveCacheBytes = 32 << 20
	// archiveTimeout bounds the rendering of a document, which takes a second, or
	// some where a busy month is cut for the first time.
	archiveTimeout = 10 * time.Second
)

// An archive serves the documents of the archives of all channels.
type archive struct {
	channels map[string]publisher.Channel // by ArchiveHome
	group    singleflight.Group
	press    chan *publisher.Publisher // one, for one document at a time: each takes megabytes

	mu    sync.Mutex
	kept  map[string]*keptDocument // by path
	order []string                 // of kept, the least recently used first
	bytes int
}

// A keptDocument is a document and what it was made of.
type keptDocument struct {
	file     *publisher.File
	revision int64  // of the store, when it was last found to be right
	version  string // see Pipeline.version
}

func newArchive(channels []publisher.Channel, press *publisher.Publisher) *archive {
	a := &archive{
		channels: make(map[string]publisher.Channel, len(channels)),
		press:    make(chan *publisher.Publisher, 1),
		kept:     make(map[string]*keptDocument),
	}
	a.press <- press
	for _, c := range channels {
		a.channels[c.ArchiveHome()] = c
	}
	return a
}

// An archivePath is the path of an archive document, taken apart.
type archivePath struct {
	channel publisher.Channel
	month   month
	part    string // empty for the first, "open", or a number
	name    string // of the document
}

// parse takes a path like /c/tat-ca/archive/2026-10-2/rss.xml apart. A channel
// is looked up in a map, also one whose path is a secret: the hash that the map
// makes of a path is another one in each process, so the time that a look-up
// takes tells nothing about the secrets in it.
func (a *archive) parse(path string) (parsed archivePath, ok bool) {
	home, document, ok := strings.Cut(path, "/archive/")
	if strings.Count(path, "/archive/") > 1 { // a channel of that name
		at := strings.LastIndex(path, "/archive/")
		home, document = path[:at], path[at+len("/archive/"):]
	}
	part, name, hasName := strings.Cut(document, "/")
	pieces := partName.FindStringSubmatch(part)
	if !ok || !hasName || pieces == nil || !slices.Contains(publisher.DocumentNames(), name) {
		return archivePath{}, false
	}
	parsed = archivePath{month: month(pieces[1]), part: pieces[2], name: name}
	parsed.channel, ok = a.channels[home+"/archive/"]
	return parsed, ok
}

// Archive returns a document of a channel's archive by its path, nil where there
// is none. What it returned before it keeps, and returns it again while the store
// holds the same or cannot be read. It is safe for concurrent use.
func (p *Pipeline) Archive(ctx context.Context, path string) (*publisher.File, error) {
	parsed, ok := p.archive.parse(path)
	if !ok {
		return nil, nil
	}
	revision, err := p.revision(ctx)
	kept := p.archive.get(path)
	switch {
	case err == nil && kept != nil && kept.revision == revision:
		return kept.file, nil
	case err == nil:
		var made *keptDocument
		if made, err = p.flight(ctx, path, parsed, revision); err == nil {
			return made.file, nil
		}
	}
	if kept != nil && ctx.Err() == nil {
		p.Logger.WarnContext(ctx, "the store cannot be read; an archive stays as it was", "channel", parsed.channel.ID, "error", err)
		return kept.file, nil
	}
	return nil, fmt.Errorf("read archive of channel %s: %w", parsed.channel.ID, err)
}

// flight makes a document once for all who wait for it. It goes on when the one
// who asked first has gone.
func (p *Pipeline) flight(ctx context.Context, path string, parsed archivePath, revision int64) (*keptDocument, error) {
	made := p.archive.group.DoChan(path+" "+strconv.FormatInt(revision, 10), func() (_ any, err error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), archiveTimeout)
		defer cancel()
		defer func() {
			if fault := recover(); fault != nil { // it would end the process: nobody is above it
				err = fmt.Errorf("internal fault: %v", fault)
			}
		}()
		document, err := p.archiveDocument(ctx, parsed, p.archive.get(path))
		if err != nil {
			return nil, err
		}
		document.revision = revision
		p.archive.put(path, document)
		return document, nil
	})
	select {
	case result := <-made:
		document, _ := result.Val.(*keptDocument)
		return document, result.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// archiveDocument makes a document, or returns the file of the one before where
// that is made of the same. Its file is nil where there is no such part.
func (p *Pipeline) archiveDocument(ctx context.Context, of archivePath, before *keptDocument) (*keptDocument, error) {
	content, ids, err := p.archivePart(ctx, of)
	if err != nil || content == nil {
		return &keptDocument{}, err
	}
	version := content.Version
	if before != nil && before.file != nil && before.version == version {
		return &keptDocument{file: before.file, version: version}, nil
	}
	file, err := p.renderArchive(ctx, content, ids, of.name)
	return &keptDocument{file: file, version: version}, err
}

// renderArchive reads the articles and renders them when its turn comes.
func (p *Pipeline) renderArchive(ctx context.Context, content *publisher.ArchiveContent, ids []string, name string) (*publisher.File, error) {
	select {
	case press := <-p.archive.press:
		defer func() { p.archive.press <- press }()
		var err error
		if content.Articles, err = p.Store.Articles(ctx, ids); err != nil {
			return nil, err
		}
		return press.RenderArchive(*content, name)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// archivePart is a part without its articles, and their ids; nil where there is
// none.
func (p *Pipeline) archivePart(ctx context.Context, of archivePath) (*publisher.ArchiveContent, []string, error) {
	s, err := p.span(ctx)
	if err != nil || s.last == "" || of.month < s.first || of.month > s.last {
		return nil, nil, err
	}
	active, err := p.Store.ActiveKeys(ctx)
	key := active[of.channel.ID]
	if err != nil || key == "" {
		return nil, nil, err
	}
	cut, err := p.cutMonth(ctx, key, of.month, s)
	number := cut.number(of.part)
	if err != nil || number == 0 {
		return nil, nil, err
	}
	content := &publisher.ArchiveContent{
		ChannelContent: publisher.ChannelContent{Channel: of.channel},
		Part:           of.month.part(number),
		// Under its open name a part was promised to nobody.
		Closed: cut.isClosed(number) && of.part != openPart,
		Next:   cut.next(number, s),
	}
	if of.part == openPart {
		content.Part = of.month.open()
	}
	if content.Prev, err = p.partBefore(ctx, key, &cut, number, s); err != nil {
		return nil, nil, err
	}
	ids, err := p.partArticles(ctx, key, &cut, number)
	if err != nil {
		return nil, nil, err
	}
	left, err := p.Store.LastLeft(ctx)
	if err != nil {
		return nil, nil, err
	}
	content.Left = left[key]
	where := fmt.Sprintf("%s %s %s %s %v %v", key, content.Part, content.Prev, content.Next, content.Closed, content.Left)
	content.Version, err = p.version(ctx, where, ids)
	return content, ids, err
}

// next is the name of the part after one. Of a closed part it stays the same
// for ever; after the last of an open month nothing is certain.
func (c *cutMonth) next(number int, s span) string {
	switch {
	case number < c.parts():
		return c.part(number + 1)
	case c.isClosed(number) && c.month < s.last:
		return string(c.add(1))
	}
	return ""
}

// partBefore is the name of the part before one; empty before the first of all.
func (p *Pipeline) partBefore(ctx context.Context, key string, c *cutMonth, number int, s span) (string, error) {
	if number > 1 {
		return c.part(number - 1), nil
	}
	if c.month == s.first {
		return "", nil
	}
	before, err := p.cutMonth(ctx, key, c.add(-1), s)
	if !before.final {
		return before.open(), err // for the hour in which late articles may come
	}
	return before.part(len(before.ends)), err
}

// A Taker takes documents by their paths and remembers of what they were made.
type Taker interface {
	// Holds reports whether it has taken the document in that version, and keeps it.
	Holds(path, version string) bool
	Take(path, version string, file *publisher.File) error
}

// ArchiveDocuments makes every document of every archive that taker does not
// hold, one at a time, so that they are never all in memory.
func (p *Pipeline) ArchiveDocuments(ctx context.Context, taker Taker) error {
	s, err := p.span(ctx)
	if err != nil || s.last == "" {
		return err
	}
	active, err := p.Store.ActiveKeys(ctx)
	if err != nil {
		return fmt.Errorf("read channels: %w", err)
	}
	for _, c := range p.Channels {
		for m := s.first; m <= s.last; m = m.add(1) {
			parts, err := p.partNames(ctx, active[c.ID], m, s)
			for _, part := range parts {
				if err == nil {
					err = p.archiveDocuments(ctx, c, m, part, taker)
				}
			}
			if err != nil {
				return fmt.Errorf("read archive of channel %s: %w", c.ID, err)
			}
		}
	}
	return nil
}

// partNames are what stands behind a month in the names of its parts.
func (p *Pipeline) partNames(ctx context.Context, key string, m month, s span) ([]string, error) {
	cut, err := p.cutMonth(ctx, key, m, s)
	names := []string{""}
	for number := 2; number <= cut.parts(); number++ {
		names = append(names, strconv.Itoa(number))
	}
	if !cut.final {
		names = append(names, openPart)
	}
	return names, err
}

func (p *Pipeline) archiveDocuments(ctx context.Context, c publisher.Channel, m month, part string, taker Taker) error {
	content, ids, err := p.archivePart(ctx, archivePath{channel: c, month: m, part: part})
	if err != nil || content == nil {
		return err
	}
	for _, name := range publisher.DocumentNames() {
		path := c.ArchiveHome() + content.Part + "/" + name
		if taker.Holds(path, content.Version) {
			continue
		}
		file, err := p.renderArchive(ctx, content, ids, name)
		if err != nil {
			return err
		}
		if err := taker.Take(path, content.Version, file); err != nil {
			return err
		}
	}
	return nil
}

func (a *archive) get(path string) *keptDocument {
	a.mu.Lock()
	defer a.mu.Unlock()
	kept := a.kept[path]
	if kept != nil {
		a.touch(path)
	}
	return kept
}

// touch makes a path the most recently used one.
func (a *archive) touch(path string) {
	if at := slices.Index(a.order, path); at >= 0 {
		a.order = slices.Delete(a.order, at, at+1)
	}
	a.order = append(a.order, path)
}

// put keeps a document and forgets the least recently used ones beyond the bound.
func (a *archive) put(path string, document *keptDocument) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop(path)
	if document.file == nil {
		return // whoever guesses paths fills nothing
	}
	a.kept[path] = document
	a.bytes += document.size()
	a.touch(path)
	for a.bytes > archiveCacheBytes {
		a.drop(a.order[0])
	}
}

func (a *archive) drop(path string) {
	kept := a.kept[path]
	if kept == nil {
		return
	}
	delete(a.kept, path)
	a.bytes -= kept.size()
	a.order = slices.DeleteFunc(a.order, func(p string) bool { return p == path })
}

// size is about the memory that a document takes.
func (d *keptDocument) size() int {
	const rest = 1 << 10 // its headers, and its place in the maps
	bytes := rest + len(d.file.Body)
	for _, e := range d.file.Encoded {
		bytes += len(e.Body)
	}
	return bytes
}
