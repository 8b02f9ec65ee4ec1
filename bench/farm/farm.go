// Package farm serves feeds on loopback addresses for the measurements.
package farm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Farm is its feeds. Everything is a pure function of its numbers and of how
// often each feed advanced.
type Farm struct {
	Options
	Deaf atomic.Bool // every request is answered with 200 and the whole feed

	mu      sync.RWMutex
	oldest  []int // number of the oldest item, by feed
	bodies  [][]byte
	etags   []string
	advance int // how often
}

// Options say how large a farm is.
type Options struct {
	Feeds     int
	Items     int // in each feed
	ItemBytes int // of the HTML of each
	Hosts     int // loopback addresses
}

// Start starts a farm on as many addresses as hosts, so that limits per host
// behave as they would with that many publishers. It ends with ctx. It returns
// the addresses of its feeds too.
func Start(ctx context.Context, o Options) (*Farm, []string, error) {
	f := &Farm{Options: o, oldest: make([]int, o.Feeds), bodies: make([][]byte, o.Feeds), etags: make([]string, o.Feeds)}
	for n := range o.Feeds {
		f.write(n)
	}
	server := &http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })

	urls := make([]string, o.Feeds)
	var origins []string
	address := netip.MustParseAddr("127.1.0.1")
	for range o.Hosts {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address.String()+":0")
		if err != nil {
			return nil, nil, err
		}
		go func() { _ = server.Serve(listener) }()
		origins = append(origins, "http://"+listener.Addr().String())
		address = address.Next()
	}
	for n := range urls {
		urls[n] = fmt.Sprintf("%s/%d.xml", origins[n%o.Hosts], n)
	}
	return f, urls, nil
}

// Advance gives every tenth feed three new items in place of its oldest three;
// each time other feeds.
func (f *Farm) Advance() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.advance++
	for n := f.advance % 10; n < len(f.oldest); n += 10 {
		f.oldest[n] += 3
		f.write(n)
	}
}

func (f *Farm) write(n int) {
	f.bodies[n] = f.feed(n)
	sum := sha256.Sum256(f.bodies[n])
	f.etags[n] = `"` + hex.EncodeToString(sum[:8]) + `"`
}

// ServeHTTP serves the feed with the number that is its path.
func (f *Farm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), ".xml"))
	if err != nil || n < 0 || n >= len(f.bodies) {
		http.NotFound(w, r)
		return
	}
	f.mu.RLock()
	body, etag := f.bodies[n], f.etags[n]
	f.mu.RUnlock()
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag && !f.Deaf.Load() {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// feed writes feed number n: RSS 2.0 with the items from its oldest on, the newest
// first.
func (f *Farm) feed(n int) []byte {
	oldest := f.oldest[n]
	published := time.Date(2026, 11, 1, 6, 0, 0, 0, time.FixedZone("+07", 7*60*60))
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Báo thử %d</title><link>https://bao-%d.example/</link><description>Tin thử</description><language>vi</language>
<lastBuildDate>%s</lastBuildDate>
`, n, n, published.Add(time.Duration(oldest)*time.Hour).Format(time.RFC1123Z))
	for i := oldest + f.Items - 1; i >= oldest; i-- {
		random := rand.New(rand.NewPCG(uint64(i), uint64(n))) //nolint:gosec // text for a benchmark, the same each time
		title := sentence(random, 9)
		link := fmt.Sprintf("https://bao-%d.example/tin/%d.html", n, i)
		fmt.Fprintf(&b, "<item><title>%s</title><link>%s</link><guid>%s</guid><pubDate>%s</pubDate><category>Kinh tế</category>\n<description>%s.</description>\n<content:encoded><![CDATA[",
			title, link, link, published.Add(time.Duration(i)*time.Hour).Format(time.RFC1123Z), sentence(random, 30))
		for size := b.Len(); b.Len()-size < f.ItemBytes; {
			fmt.Fprintf(&b, "<p>%s. %s.</p>", sentence(random, 24), sentence(random, 18))
		}
		b.WriteString("]]></content:encoded></item>\n")
	}
	b.WriteString("</channel></rss>\n")
	return []byte(b.String())
}

func sentence(random *rand.Rand, syllables int) string {
	vocabulary := strings.Fields(`tỉnh huyện xã đường cầu trường học sinh nông dân ruộng lúa mía chè cá tôm rừng suối
		núi đồi họp bàn xây sửa mở rộng khánh thành thu hoạch trồng nuôi bán mua giá tăng giảm nước điện mưa nắng bão lũ
		khu cụm công nghiệp nhà máy dự án vốn đầu tư hợp tác làng nghề chợ hội lễ đội bóng thắng thua bệnh viện bác sĩ`)
	words := make([]string, syllables)
	for i := range words {
		words[i] = vocabulary[random.IntN(len(vocabulary))]
	}
	text := strings.Join(words, " ")
	return "Tin " + text
}
