// Package fetcher performs one polite and guarded HTTP retrieval.
//
// Fetch sends a GET with the validators that the caller remembered, follows
// redirects, and returns the decoded body, or "not modified", or an *Error whose
// Kind says what to do about it. It keeps no state beyond its connections and
// the gates that bound how many requests one host gets at a time; when to ask
// again, and what to remember, is the caller's business. It parses no body,
// writes no log, and reads no robots.txt.
//
// What always holds:
//
//   - No connection is made to an address that is not globally routable, unless
//     Options.AllowNetworks names it. The check stands on the address that is
//     about to be connected to, so that redirects, odd spellings and DNS answers
//     that change between two look-ups are all covered by the one check.
//   - A body is whole or it is an error: never cut at the limit, never shorter
//     than announced. Only who asks for no more than Enough gets a part.
//   - A body above LargeBody takes no more memory before the caller has made room.
//   - Every fetch ends. One deadline covers it from the first dial to the last
//     byte, because a server that sends a byte a second defeats any idle timeout.
//   - A server learns of us what the User-Agent says, and nothing else: no
//     cookie is kept, no Referer and no Authorization is sent, no proxy of the
//     environment is asked.
//   - Certificates are checked, but for the one host that a Request excepts.
//   - Validators are the server's own bytes (RFC 9110 §8.8), sent back as they came.
package fetcher
