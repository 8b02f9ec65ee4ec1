package pipeline

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"bantin/internal/article"
	"bantin/normalizer"
)

// summaryLength in characters: what a feed carries of an article and is
// shorter is a summary. Leads have up to 400, and the shortest whole reports 900.
const summaryLength = 700

// fillFromPages reads the pages behind the items of a feed that carries only
// summaries: of new articles, of those of which the feed says something else than
// when their page was read, and of those whose page did not come before. What
// cannot be read stays as the feed has it. Pages of new articles beyond
// PagesPerRefresh are left to the next refresh, with their items.
func (p *Pipeline) fillFromPages(ctx context.Context, src Source, known article.SourceState, out *reading) error {
	items := len(out.articles) + out.skipped
	out.said, out.again = known.Habits.Said, known.Habits.ReadAgain
	f := filler{pipeline: p, src: src, out: out, left: make(map[int]bool)}
	fresh, again, err := f.sort(ctx, known)
	if err != nil {
		return err
	}
	if err := f.readNew(ctx, fresh, p.pageRoom(known)); err != nil {
		return err
	}
	room := min(p.PagesPerRefresh-f.asked, p.PagesPerRefresh-known.Habits.ReadAgain)
	if err := f.readAgain(ctx, again, max(room, 0)); err != nil {
		return err
	}
	f.remember(items)
	out.drop(f.left)
	if !out.whole || len(out.tried) > 0 {
		out.items = nil // the items that are left must be seen again
	}
	return nil
}

// A filler completes the articles of one feed with their pages.
type filler struct {
	pipeline *Pipeline
	src      Source
	out      *reading
	asked    int          // pages
	missing  int          // of them in a row that did not come
	left     map[int]bool // articles, by index, that stay as they are stored
	said     []uint64     // of the articles that need no page any more
	waiting  []string     // ids of those whose pages were not asked for
	failed   []string     // and of those whose pages did not come
}

// sort finds the articles whose pages are wanted, by index: new ones, in document
// order, and known ones, with those that have waited for their page behind the others.
func (f *filler) sort(ctx context.Context, known article.SourceState) (fresh, again []int, err error) {
	short := shortArticles(f.src, f.out.articles)
	if len(short) == 0 {
		return nil, nil, nil
	}
	stored, err := f.pipeline.knownOf(ctx, f.out.articles, short)
	if err != nil {
		return nil, nil, err
	}
	said := make(map[uint64]bool, len(known.Habits.Said))
	for _, one := range known.Habits.Said {
		said[one] = true
	}
	vain := repeatsOf(known)
	for _, i := range short {
		a := &f.out.articles[i]
		hash, isKnown := stored[a.ID]
		switch {
		case !isKnown && vain.take(likeLink(a.Title, a.Published)):
			f.left[i] = true
			f.out.repeated++
		case !isKnown:
			fresh = append(fresh, i)
		case hash == "" || said[wordsOf(a)]: // taken down, or filled when the feed said the same
			f.leave(i)
		default:
			again = append(again, i)
		}
	}
	slices.SortStableFunc(again, func(i, j int) int {
		return cmp.Compare(slices.Index(known.Tried, f.out.articles[i].ID), slices.Index(known.Tried, f.out.articles[j].ID))
	})
	return fresh, again, nil
}

// leave keeps an article as it is stored: a summary must not take its place.
func (f *filler) leave(i int) {
	f.left[i] = true
	f.said = append(f.said, wordsOf(&f.out.articles[i]))
}

// readNew reads up to room pages of new articles.
func (f *filler) readNew(ctx context.Context, indexes []int, room int) error {
	f.out.held = max(0, min(len(indexes), f.pipeline.PagesPerRefresh)-room)
	for n, i := range indexes {
		a := &f.out.articles[i]
		link := likeLink(a.Title, a.Published)
		switch {
		case n >= room:
			f.left[i], f.out.whole = true, false
		case f.missing >= suspicious:
			f.waiting = append(f.waiting, a.ID) // the summaries are better than nothing
		default:
			if err := f.read(ctx, a); ctx.Err() != nil {
				return ctx.Err()
			} else if err != nil {
				a.Warnings = append(a.Warnings, notRead(err))
			} else {
				f.out.noteLink(a.ID, link)
			}
		}
	}
	return nil
}

// readAgain reads up to room pages of known articles.
func (f *filler) readAgain(ctx context.Context, indexes []int, room int) error {
	for n, i := range indexes {
		a := &f.out.articles[i]
		if n >= room || f.missing >= suspicious {
			f.left[i] = true
			f.waiting = append(f.waiting, a.ID)
			continue
		}
		f.out.again++
		err := f.read(ctx, a)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			continue
		}
		if err := f.keepText(ctx, a); err != nil {
			return err
		}
		a.Warnings = append(a.Warnings, notRead(err))
	}
	return nil
}

func notRead(err error) string { return fmt.Sprintf("the page was not read: %v", err) }

// read completes an article with its page.
func (f *filler) read(ctx context.Context, a *article.Article) error {
	words := wordsOf(a)
	f.asked++
	page, err := f.pipeline.readPage(ctx, f.src, normalizer.Link{URL: a.URL, Title: a.Title}, a.ID, f.out)
	if err == nil {
		f.pipeline.Normalizer.Fill(f.src.Source, a, &page)
	}
	if err == nil || !mayRecover(err) {
		f.said = append(f.said, words)
		f.missing = 0
		return err
	}
	f.failed = append(f.failed, a.ID)
	f.missing++
	if wait := retryAfter(err); wait > 0 || failureKind(err) == failureRateLimited || errors.Is(err, errFull) {
		f.out.wait, f.missing = max(f.out.wait, wait), suspicious // the server asks to be left alone, or it is enough
	}
	return err
}

// keepText completes an article whose page does not come with the text that was
// read before: the feed has new words, and no more than a summary.
func (f *filler) keepText(ctx context.Context, a *article.Article) error {
	stored, err := f.pipeline.Store.Articles(ctx, []string{a.ID})
	if err != nil {
		return fmt.Errorf("read a known article: %w", err)
	}
	if len(stored) == 0 || isSummary(&stored[0]) || !isSummary(a) {
		return nil
	}
	if a.Lead == "" {
		a.Lead = a.Text
	}
	a.Warnings = nil // the stored article has them
	f.pipeline.Normalizer.Fill(f.src.Source, a, &stored[0])
	return nil
}

// remember says what is known of a feed with so many items when it is read next.
// The words of items that left the feed are kept for a while, because some come
// back; of two documents, so that the list does not grow for ever.
func (f *filler) remember(items int) {
	met := make(map[uint64]bool)
	for i := range f.out.articles {
		met[half(f.out.articles[i].ID)] = true
	}
	for _, one := range f.out.said {
		if !met[one>>32] {
			f.said = append(f.said, one)
		}
	}
	most := max(2*items, len(f.out.said))
	f.out.said = f.said[:min(most, len(f.said))]
	f.out.tried = slices.Concat(f.waiting, f.failed)
}

// wordsOf is what a feed says of an item: two halves, of its id and of its words.
// That a changed item has the same ones happens once in 4,000 million changes.
func wordsOf(a *article.Article) uint64 {
	dates := fmt.Sprint(a.Published.UnixMilli(), a.Updated.UnixMilli())
	return half(a.ID)<<32 | half(a.Title, a.Lead, a.Text, dates)
}

// half is a hash of 32 bits.
func half(texts ...string) uint64 {
	var all []byte
	for _, text := range texts {
		all = fmt.Appendf(all, "%d %s", len(text), text)
	}
	sum := sha256.Sum256(all)
	return uint64(binary.BigEndian.Uint32(sum[:]))
}

// shortArticles are the indexes of the articles whose pages are wanted.
func shortArticles(src Source, articles []article.Article) []int {
	if src.FullText == article.FullTextNever {
		return nil
	}
	var short []int
	for i := range articles {
		a := &articles[i]
		if a.URL != "" && (src.FullText == article.FullTextAlways || isSummary(a)) {
			short = append(short, i)
		}
	}
	return short
}

func isSummary(a *article.Article) bool { return utf8.RuneCountInString(a.Text) < summaryLength }

func (p *Pipeline) knownOf(ctx context.Context, articles []article.Article, indexes []int) (map[string]string, error) {
	ids := make([]string, len(indexes))
	for n, i := range indexes {
		ids[n] = articles[i].ID
	}
	known, err := p.Store.Known(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("look up known articles: %w", err)
	}
	return known, nil
}

// drop takes the articles with these indexes out. The document has them all the same.
func (r *reading) drop(left map[int]bool) {
	kept := r.articles[:0]
	for i := range r.articles {
		if !left[i] {
			kept = append(kept, r.articles[i])
		}
	}
	r.articles = kept
	r.skipped += len(left)
}
