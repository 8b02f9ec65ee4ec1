package publisher_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bantin/internal/article"
	"bantin/normalizer"
	"bantin/publisher"
)

// reader is a feed reader that has never heard of hostile feeds: it takes every
// text and every address of a feed for HTML, puts each into its page by
// innerHTML and once more by document.write, where scripts run too, and then
// clicks on everything. Addresses of the web it does not follow.
const reader = `<!doctype html>
<meta charset="utf-8">
<body>
<script>
const texts = new Set(), addresses = new Set()
function take(name, text) {
  if (/^(link|url|uri|href|src|image|\w+_url)$/i.test(name)) addresses.add(text)
  else texts.add(text)
}
function takeJSON(name, value) {
  if (typeof value === "string") take(name, value)
  else for (const key in value) takeJSON(Array.isArray(value) ? name : key, value[key])
}
function takeXML(document) {
  for (const e of document.querySelectorAll("*")) {
    if (!e.children.length) take(e.localName, e.textContent)
    for (const a of e.attributes) take(a.localName, a.value)
  }
}
async function load(name) {
  const body = await (await fetch(name)).text()
  if (name.endsWith(".json")) takeJSON("", JSON.parse(body))
  else takeXML(new DOMParser().parseFromString(body, "text/xml"))
}
function show(htmls) {
  for (const html of htmls) document.body.appendChild(document.createElement("article")).innerHTML = html
  const frame = document.body.appendChild(document.createElement("iframe"))
  frame.contentDocument.write("<body>" + htmls.map(html => "<article>" + html + "</article>").join(""))
  frame.contentDocument.close()
}
function touch(document) {
  document.defaultView.addEventListener("click", event => {
    const link = event.target.closest("a,area")
    if (link && /^https?:$/.test(link.protocol)) event.preventDefault()
  }, true)
  for (const e of document.querySelectorAll("article, article *")) {
    for (const name of ["mouseover", "mousemove", "pointerenter", "focus", "input", "wheel", "copy", "submit"]) {
      e.dispatchEvent(new Event(name, {bubbles: true}))
    }
    if (e.click) e.click()
    else e.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}))
  }
}
const pause = () => new Promise(done => setTimeout(done, 500))
async function main() {
  for (const name of {{.}}) await load(name)
  const shown = [...texts]
  for (const link of addresses) shown.push('<a href="' + link + '">a</a><img alt="' + link + '">')
  while (shown.length) show(shown.splice(0, 10)) // a page may have 1,000 frames
  await pause()
  touch(document)
  for (const frame of document.querySelectorAll("body > iframe")) touch(frame.contentDocument)
  await pause()
  await fetch("/read" + location.pathname)
}
main()
</script>
`

// A laboratory serves pages to a browser and writes down what it asks for.
type laboratory struct {
	*httptest.Server
	mu        sync.Mutex
	documents map[string]string // by path
	ran       map[string]bool   // the payloads that asked for their address
	read      map[string]bool   // the pages that were read to their end
}

func newLab(t *testing.T) *laboratory {
	t.Helper()
	lab := &laboratory{documents: map[string]string{}, ran: map[string]bool{}, read: map[string]bool{}}
	lab.Server = httptest.NewServer(lab)
	t.Cleanup(lab.Close)
	return lab
}

func (l *laboratory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if rest, is := strings.CutPrefix(r.URL.Path, "/ran/"); is {
		number, _, _ := strings.Cut(rest, "/")
		l.ran[number] = true
	}
	if page, is := strings.CutPrefix(r.URL.Path, "/read"); is {
		l.read[page] = true
	}
	document, known := l.documents[r.URL.Path]
	if !known {
		http.NotFound(w, r)
		return
	}
	if path.Ext(r.URL.Path) == "" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	_, _ = w.Write([]byte(document))
}

func (l *laboratory) add(at, document string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.documents[at] = document
}

// asked returns what ran and what was read.
func (l *laboratory) asked() (ran, read map[string]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.ran), maps.Clone(l.read)
}

// address is what the payload with that number asks for when it runs.
func (l *laboratory) address(number int) string { return l.URL + "/ran/" + strconv.Itoa(number) }

// addReader adds a page that shows those documents.
func (l *laboratory) addReader(t *testing.T, at string, names ...string) {
	t.Helper()
	var page bytes.Buffer
	if err := template.Must(template.New("reader").Parse(reader)).Execute(&page, names); err != nil {
		t.Fatal(err)
	}
	l.add(at, page.String())
}

// visit loads a page in Chromium, and returns when that has ended.
func (l *laboratory) visit(t *testing.T, at string) {
	t.Helper()
	for attempt := range 3 { // browsers crash now and then
		output, err := l.browse(t, at)
		if err == nil {
			return
		}
		t.Logf("attempt %d: chromium: %v\n%s", attempt, err, output)
	}
	t.Fatal("chromium does not work")
}

func (l *laboratory) browse(t *testing.T, at string) (output []byte, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, chromium(t),
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
		"--user-data-dir="+t.TempDir(), "--autoplay-policy=no-user-gesture-required",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", // the test asks nobody but us
		"--virtual-time-budget=10000", "--dump-dom", l.URL+at)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	command.WaitDelay = 10 * time.Second
	err = command.Run()
	return stderr.Bytes(), err
}

// chromium is the browser. Where tests must be complete it must be there.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("there is no chromium")
	}
	t.Skip("there is no chromium")
	return ""
}

// TestPayloadsRun proves the harness: a payload that is shown as it is does run.
func TestPayloadsRun(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	lab := newLab(t)
	var frames strings.Builder
	for i, p := range livePayloads() {
		name, page := fmt.Sprintf("/raw/%d.json", i), fmt.Sprintf("/raw/%d", i)
		content, err := json.Marshal([]string{p.arm(lab.address(i))})
		if err != nil {
			t.Fatal(err)
		}
		lab.add(name, string(content))
		lab.addReader(t, page, name)
		fmt.Fprintf(&frames, "<iframe src=%q></iframe>\n", page)
	}
	lab.add("/", frames.String())
	lab.visit(t, "/")
	ran, _ := lab.asked()
	for i, p := range livePayloads() {
		if !ran[strconv.Itoa(i)] {
			t.Errorf("payload %d is dead: %s", i, p)
		}
	}
}

// TestNothingRunsInAReader shows feeds made of articles with the payloads to the
// naive reader, without our Content-Security-Policy.
func TestNothingRunsInAReader(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	lab := newLab(t)
	stored := make([]article.Article, 0, len(payloads()))
	for i, p := range payloads() {
		s := p.arm(lab.address(i))
		a := hostileArticle(s)
		a.ID, a.SourceID = article.NewID("bao-mau", strconv.Itoa(i)), "bao-mau"
		a.Places = append(a.Places, article.PlaceRef{Province: "thai-nguyen"})
		stored = append(stored, a)
	}
	lab.addSite(t, "/stored", renderPayloads(t, stored))

	result, err := newNormalizer(t).Feed(article.Source{ID: "bao-mau"}, normalizer.Document{
		Body: payloadFeed(t, lab), ContentType: "application/rss+xml", URL: "https://bao-mau.example/rss/home.rss",
	})
	if err != nil || len(result.Articles) != len(payloads()) {
		t.Fatalf("%d articles, error %v", len(result.Articles), err)
	}
	for i := range result.Articles {
		result.Articles[i].FirstSeen, result.Articles[i].FetchedAt = at(22, 9, 0), at(22, 9, 0)
	}
	lab.addSite(t, "/fetched", renderPayloads(t, result.Articles))

	pages := []string{"/stored", "/fetched"}
	for _, page := range pages {
		lab.visit(t, page)
	}
	ran, read := lab.asked()
	for _, page := range pages {
		if !read[page] {
			t.Errorf("%s was not read to its end", page)
		}
		if !ran[canary(page)] {
			t.Errorf("%s: what should run did not", page)
		}
		delete(ran, canary(page))
	}
	for number := range ran {
		i, err := strconv.Atoi(number)
		if err != nil {
			t.Errorf("%q ran", number)
			continue
		}
		t.Errorf("payload %d ran: %s", i, payloads()[i])
	}
}

// canary is what runs when a page shows what the reader finds in XML.
func canary(page string) string { return "canary-of-" + page[1:] }

// renderPayloads renders a site from articles in all their parts.
func renderPayloads(t *testing.T, articles []article.Article) *publisher.Site {
	t.Helper()
	content := publisher.Content{Channels: []publisher.ChannelContent{{
		Channel: publisher.Channel{ID: "mot", Title: "Một"}, Articles: articles,
	}}}
	site := renderSite(t, content)
	if got := strings.Count(text(t, site, "/c/mot/atom.xml"), "<entry"); got != len(payloads()) {
		t.Fatalf("%d entries", got)
	}
	return site
}

// addSite adds the feeds and the pages of a site, and a reader that shows them.
func (l *laboratory) addSite(t *testing.T, at string, site *publisher.Site) {
	t.Helper()
	var names []string
	for _, p := range site.Paths() {
		l.add(at+p, text(t, site, p))
		if slices.Contains([]string{".json", ".xml"}, path.Ext(p)) {
			names = append(names, at+p)
		}
	}
	l.add(at+"/canary.xml", "<a>&lt;img src=x onerror=fetch('/ran/"+canary(at)+"')></a>")
	l.addReader(t, at, append(names, at+"/canary.xml")...)
}

// payloadFeed is a feed of a source that has a payload in every field.
func payloadFeed(t *testing.T, lab *laboratory) []byte {
	t.Helper()
	type item struct {
		Title       string `xml:"title"`
		Link        string `xml:"link"`
		Description string `xml:"description"`
		Content     string `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
		Author      string `xml:"author"`
		Category    string `xml:"category"`
		GUID        string `xml:"guid"`
	}
	var feed struct {
		XMLName struct{} `xml:"rss"`
		Version string   `xml:"version,attr"`
		Items   []item   `xml:"channel>item"`
	}
	feed.Version = "2.0"
	for i, p := range payloads() {
		s := p.arm(lab.address(i))
		feed.Items = append(feed.Items, item{
			Title: "Tin số " + strconv.Itoa(i) + " " + s, Link: s, Description: s, Author: s, Category: s, GUID: strconv.Itoa(i),
			Content: "<p>Đoạn đầu của bài viết số " + strconv.Itoa(i) + ".</p>" + s + "<p>Đoạn cuối của bài.</p>",
		})
	}
	body, err := xml.Marshal(feed)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
