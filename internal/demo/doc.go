// Package demo is the small world that "bantin demo" reads: eight papers with a
// feed, two portals without one, and some neighbours that are broken. It serves
// them over HTTP and writes the configuration that points at them; the real
// fetcher, normalizer, store and publisher do the rest, as for any source.
//
// Each source has a habit that real papers were seen to have. Its folder below
// sources/ holds the texts (articles.txt) and the shape in which they are served
// (a template: feed.xml, feed.json or listing.html, and page.html for a portal):
//
//   - bao-song-cau: a feed copied out of a browser, with a banner before <rss>,
//     line breaks around links, unquoted attributes, </br> and one empty item;
//   - bao-song-cam: local dates as month/day with AM and PM, "GMT+7", no guid;
//   - bao-ham-luong: day/month/year without a time, an <image> per item, no order;
//   - bao-thu-bon: HTML entities inside CDATA, two-digit years, a dateline, a
//     bare & in the enclosure;
//   - trang-mau-son: NukeViet's generator, whose minutes are the month, whose
//     guids are site-local and whose titles are escaped twice;
//   - bao-bien-ho: Atom with the whole text, captions, bylines and end marks;
//   - bao-thac-ba: a JSON Feed;
//   - bao-ngan-hong: text in NFD, dates with the offset "+07", sent as text/plain;
//   - cong-ba-be: a SharePoint portal whose web-part titles and font-size links
//     stand among the text, the reference article among its pages;
//   - cong-vi-hoang: a .NET portal with dates like "Thứ Hai, 16/11/2026, 08:30".
//
// The names of the papers, the events and the people are invented, but for the
// reference article. The texts are our own and dated: they do not depend on the
// day on which the demo runs, so the same sources always give the same articles.
//
// It serves loopback only as far as its caller listens there; it keeps nothing,
// and every answer depends only on the request.
package demo
