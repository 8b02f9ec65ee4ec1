// Package robots answers whether our agent may fetch a URL, and how long to wait
// between requests, from robots.txt files cached as RFC 9309 says. It does not
// fetch pages, does not wait, and writes no log.
//
// What an Answer means is the caller's to obey: a listing page and an article
// page are fetched only when Allowed holds; a feed that an operator configured
// is fetched unless our agent is Named and not Allowed.
//
// What always holds:
//
//   - A host is asked for its robots.txt at most once at a time, not again while
//     its answer is fresh, and with the validators of the last one.
//   - A host that does not answer, or answers 5xx or 429, is not crawled, unless
//     a copy of its rules is at hand (RFC 9309 §2.3.1.4). After 30 days it is
//     taken to have no rules, so that no source is silent for ever.
//   - A host without a file (any other 4xx) has no rules (RFC 9309 §2.3.1.3).
//   - Reading a file takes time in proportion to its length, and a question time
//     in proportion to the rules and the URL, whatever a hostile file holds:
//     no regular expression is made from it, and the matcher never goes back.
//   - The cache is bounded in hosts and in bytes.
package robots
