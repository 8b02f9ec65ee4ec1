// Package publisher turns stored articles into outputs: channels decide what
// they take (Rules), Render makes every document of the site as bytes, Handler
// serves them and Export writes them as files.
//
// It fetches nothing, reads no store and knows no clock. Render is a pure
// function of its input, so the same store gives the same bytes: entity tags,
// 304 answers, caches and diffs work, and no reader is told of a change that is
// none.
//
// What always holds:
//   - A tombstone is never rendered.
//   - How much of an article is shown is decided in one place, newEntry, by the
//     policy of its source; every output renders entries and never articles. A
//     source that is not known may show its headlines only.
//   - Each entry names and links its source in its visible text.
//   - Ids are made of the site's host and the article's id and of nothing that
//     can change.
//   - Whatever a source wrote, the documents are well-formed, their size is
//     bounded by the number of entries and bodies, and nothing in them runs.
//
// The feeds use the types of gorilla/feeds where these say what we need, and our
// own types through its XmlFeed seam for what it lacks (several categories,
// rel=self, dc:creator, the URL of a source, atom:source).
package publisher
