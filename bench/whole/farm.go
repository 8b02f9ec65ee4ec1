package main

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
	"sync/atomic"
	"time"
)

// startFarm serves feeds on as many loopback addresses as hosts, so that limits
// per host behave as they would with that many publishers. Everything is a pure
// function of the numbers. While deaf is set, every request is answered with 200
// and the whole feed. The farm ends with ctx.
func startFarm(ctx context.Context, feeds, items, hosts int, deaf *atomic.Bool) ([]string, error) {
	bodies := make([][]byte, feeds)
	for i := range bodies {
		bodies[i] = feed(i, items)
	}
	server := &http.Server{Handler: serveFeeds(bodies, deaf), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })

	urls := make([]string, feeds)
	var origins []string
	address := netip.MustParseAddr("127.1.0.1")
	for range hosts {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address.String()+":0")
		if err != nil {
			return nil, err
		}
		go func() { _ = server.Serve(listener) }()
		origins = append(origins, "http://"+listener.Addr().String())
		address = address.Next()
	}
	for i := range urls {
		urls[i] = fmt.Sprintf("%s/%d.xml", origins[i%hosts], i)
	}
	return urls, nil
}

func serveFeeds(bodies [][]byte, deaf *atomic.Bool) http.HandlerFunc {
	etags := make([]string, len(bodies))
	for i, body := range bodies {
		sum := sha256.Sum256(body)
		etags[i] = `"` + hex.EncodeToString(sum[:8]) + `"`
	}
	return func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), ".xml"))
		if err != nil || i < 0 || i >= len(bodies) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", etags[i])
		if r.Header.Get("If-None-Match") == etags[i] && !deaf.Load() {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(bodies[i])))
		_, _ = w.Write(bodies[i])
	}
}

// feed writes feed number n: RSS 2.0 with about 2.5 KB of HTML an item.
func feed(n, items int) []byte {
	random := rand.New(rand.NewPCG(1, uint64(n))) //nolint:gosec // text for a benchmark, the same each time
	published := time.Date(2026, 11, 1, 6, 0, 0, 0, time.FixedZone("+07", 7*60*60))
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Báo thử %d</title><link>https://bao-%d.example/</link><description>Tin thử</description><language>vi</language>
`, n, n)
	for i := range items {
		title := sentence(random, 9)
		link := fmt.Sprintf("https://bao-%d.example/tin/%d.html", n, i)
		fmt.Fprintf(&b, "<item><title>%s</title><link>%s</link><guid>%s</guid><pubDate>%s</pubDate><category>Kinh tế</category>\n<description>%s.</description>\n<content:encoded><![CDATA[",
			title, link, link, published.Add(-time.Duration(i)*time.Hour).Format(time.RFC1123Z), sentence(random, 30))
		for size := b.Len(); b.Len()-size < 2500; {
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
