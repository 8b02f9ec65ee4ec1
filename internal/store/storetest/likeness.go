package storetest

import (
	"html"
	"slices"
	"strings"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

func likenessCases() []testCase {
	return []testCase{
		{name: "the same words under another query are the known article", run: queryMadeUp},
		{name: "the same words under another path take its place", run: movedLink},
		{name: "undated words are alike when there are enough of them", run: undatedAlike},
		{name: "alike within one refresh is one article", run: alikeInOneRefresh},
		{name: "whatever else differs makes another article", run: notAlike},
		{name: "an article that changed is no longer what it was like", run: noLongerAlike},
		{name: "two that grow alike stay two", run: alikeByRevision},
		{name: "a tombstone does not come back by its likeness", run: tombstoneStaysByLikeness},
		{name: "a likeness outlives the store", run: likenessIsKept},
		{name: "a preview tells what a commit changes, and changes nothing", run: previewIsCommit},
	}
}

// notice is an article with enough words to be recognised by them.
func notice(guid string) article.Article {
	a := item("bao-lang", guid)
	a.URL = "https://bao.example/chi-tiet.aspx?nid=" + guid
	a.Title = "Thông báo lịch cắt nước"
	a.Lead = "Nhà máy nước ngừng bơm để thau bể."
	a.Text = "Bà con xóm Chùa và xóm Đình trữ nước từ tối hôm trước."
	a.HTML = `<p>Bà con xóm Chùa và xóm Đình trữ nước từ tối hôm trước. <a href="https://bao.example/lich.pdf">Lịch</a>` +
		`<a href="https://bao.example/chi-tiet.aspx?nid=` + guid + `">Xem tiếp</a></p>`
	a.Precision = article.Minute
	a.Images = []article.Image{{URL: "https://bao.example/be-nuoc.jpg"}}
	a.ContentHash = "hash of " + a.URL // which is part of it
	return a
}

// again is the article as a source tells it that makes up guids and links.
func again(a article.Article, guid, link string) article.Article {
	a.HTML = strings.ReplaceAll(a.HTML, html.EscapeString(a.URL), html.EscapeString(link))
	a.ID, a.GUID, a.URL = article.NewID(a.SourceID, guid), guid, link
	a.ContentHash = "hash of " + link
	a.FirstSeen, a.FetchedAt = at(9), at(9)
	return a
}

func queryMadeUp(s *suite) {
	first := notice("1")
	s.commit(nil, first)
	before := s.revision()
	for _, poll := range []string{"2", "3"} {
		other := again(first, poll, "https://bao.example/chi-tiet.aspx?nid=1&t="+poll)
		s.checkCounts(s.commit(nil, other), article.Counts{Unchanged: 1})
	}
	s.checkAll(first)
	s.checkStored(first)
	if after := s.revision(); after != before {
		s.Errorf("the revision went from %d to %d", before, after)
	}
}

func movedLink(s *suite) {
	first := inChannels(notice("1"), "tat-ca@1")
	s.commit([]string{"tat-ca@1"}, first)
	moved := again(first, "2", "https://moi.example/thong-bao-lich-cat-nuoc.html")
	s.checkCounts(s.commit([]string{"tat-ca@1"}, moved), article.Counts{Updated: 1})
	moved.ID, moved.FirstSeen = first.ID, first.FirstSeen
	s.checkAll(first)
	s.checkStored(moved)
	s.checkCounts(s.commit([]string{"tat-ca@1"}, again(moved, "3", moved.URL)), article.Counts{Unchanged: 1})
	if got, want := s.page("tat-ca@1", 10), []string{first.ID}; !slices.Equal(got, want) {
		s.Errorf("channel: got %v, want %v", got, want)
	}
}

func undatedAlike(s *suite) {
	first := notice("1")
	first.Published, first.Precision = time.Time{}, ""
	first.Text = strings.Repeat(first.Text+"\n", 4) // above 200 characters
	s.commit(nil, first)
	s.checkCounts(s.commit(nil, again(first, "2", first.URL+"&rnd=2")), article.Counts{Unchanged: 1})
	s.checkAll(first)
}

func alikeInOneRefresh(s *suite) {
	first := notice("1")
	second := again(first, "2", "https://bao.example/nuoc/chi-tiet.aspx?nid=1")
	s.checkCounts(s.commit(nil, first, second), article.Counts{New: 1, Unchanged: 1})
	s.checkCounts(s.commit(nil, first, second), article.Counts{Unchanged: 2})
	s.checkAll(first)
	s.checkStored(first)
}

func notAlike(s *suite) {
	changes := []func(a *article.Article){
		func(a *article.Article) { a.Title = "Thông báo lịch cắt điện" },
		func(a *article.Article) { a.Lead = "Nhà máy nước ngừng bơm để thay van." },
		func(a *article.Article) { a.Published = a.Published.Add(time.Minute) },
		func(a *article.Article) { a.HTML = strings.Replace(a.HTML, "lich.pdf", "lich-moi.pdf", 1) },
		func(a *article.Article) { a.Images = []article.Image{{URL: "https://bao.example/van.jpg"}} },
		func(a *article.Article) { a.HTML = strings.Replace(a.HTML, "xóm Chùa", "xóm Chợ", 1) },
		func(a *article.Article) { a.SourceID = "bao-huyen" },
		// A day, or no date at all, needs more words; and so do few with a minute.
		func(a *article.Article) { a.Precision = article.Day },
		func(a *article.Article) { a.Published, a.Precision = time.Time{}, "" },
		func(a *article.Article) { a.Text = "Xem nội dung trong tệp đính kèm." },
	}
	first := notice("1")
	s.commit(nil, first)
	want := 1
	for i, change := range changes {
		guid := string(rune('a' + i))
		other := again(first, guid, "https://bao.example/chi-tiet.aspx?nid="+guid)
		change(&other)
		same := again(other, guid+guid, other.URL+guid)
		s.checkCounts(s.commit(nil, other), article.Counts{New: 1})
		want++
		if least := 40; len([]rune(other.Text)) < least || other.Precision != article.Minute {
			s.checkCounts(s.commit(nil, same), article.Counts{New: 1}) // not even of itself
			want++
		}
	}
	if got := len(s.all()); got != want {
		s.Errorf("got %d articles, want %d", got, want)
	}
}

// A page gets new words, and a new item says the old ones.
func noLongerAlike(s *suite) {
	known := notice("1")
	s.commit(nil, known)
	revised := changed(known, 9)
	revised.HTML += "<p>Cập nhật.</p>"
	newcomer := again(known, "2", "https://bao.example/chi-tiet.aspx?nid=2")
	s.checkCounts(s.commit(nil, newcomer, revised), article.Counts{New: 1, Updated: 1})
	s.checkAll(known, newcomer)
	s.checkStored(newcomer)
	third := again(revised, "3", "https://bao.example/chi-tiet.aspx?nid=3")
	s.checkCounts(s.commit(nil, third), article.Counts{Unchanged: 1})
}

func alikeByRevision(s *suite) {
	first, second := notice("1"), notice("2")
	second.Title = "Thông báo"
	second.FirstSeen = at(8)
	s.commit(nil, first, second)
	grown := again(first, "2", second.URL)
	grown.ContentHash = "như bài kia"
	s.checkCounts(s.commit(nil, grown), article.Counts{Updated: 1})
	s.checkAll(first, second)
	// What is like both is the first of them.
	s.checkCounts(s.commit(nil, again(first, "3", "https://moi.example/3.html")), article.Counts{Updated: 1})
	s.checkAll(first, second)
	if got := s.get(first.ID).URL; got != "https://moi.example/3.html" {
		s.Errorf("link of the first: got %q, want that of the third", got)
	}
}

func tombstoneStaysByLikeness(s *suite) {
	a := notice("1")
	s.commit(nil, a)
	s.bury(a.ID)
	for _, link := range []string{"https://bao.example/chi-tiet.aspx?nid=9", "https://moi.example/9.html"} {
		s.checkCounts(s.commit(nil, again(a, link, link)), article.Counts{Unchanged: 1})
	}
	if got := s.all(); got != nil {
		s.Errorf("articles: got %v, want none", got)
	}
}

func likenessIsKept(s *suite) {
	a := notice("1")
	s.commit(nil, a)
	s.commit(nil, changed(a, 8))
	s.reopen()
	s.checkCounts(s.commit(nil, again(changed(a, 8), "2", a.URL+"&t=2")), article.Counts{Unchanged: 1})
	s.checkAll(a)
}

func previewIsCommit(s *suite) {
	same, revised, buried, twin := item("bao-lang", "1"), item("bao-lang", "2"), item("bao-lang", "3"), notice("4")
	s.commit(nil, same, revised, buried, twin)
	s.bury(buried.ID)
	fresh := item("bao-lang", "5")
	refresh := article.Refresh{Articles: []article.Article{
		fresh, same, changed(revised, 9), changed(buried, 9), again(twin, "6", twin.URL+"&t=6"), fresh,
	}}
	refresh.State.SourceID = "bao-lang"
	before := s.revision()
	preview := func() []store.Change {
		s.Helper()
		changes, err := s.store.Preview(s.Context(), refresh)
		s.must("Preview", err)
		return changes
	}
	changes := preview()
	if got := preview(); len(got) != len(changes) {
		s.Errorf("a second preview: got %d changes, want the %d of the first", len(got), len(changes))
	}
	if after := s.revision(); after != before {
		s.Errorf("the revision went from %d to %d", before, after)
	}
	s.checkAll(same, revised, twin)

	told := map[int]bool{} // whether new, by index
	for _, change := range changes {
		told[change.Index] = change.New
	}
	if d := diff(map[int]bool{0: true, 2: false}, told); d != "" {
		s.Errorf("Preview (-want +got):\n%s", d)
	}
	s.checkCounts(s.commit(nil, refresh.Articles...), article.Counts{New: 1, Updated: 1, Unchanged: 4})
	if got := preview(); len(got) != 0 {
		s.Errorf("a preview after the commit: got %d changes, want none", len(got))
	}
}
