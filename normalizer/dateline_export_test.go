package normalizer

import "net/url"

// WithoutDateline is a text of the paper at an address without its dateline.
func (n *Normalizer) WithoutDateline(address *url.URL, name, text string) string {
	return newPaper(address, n.cleaner.places, name).without(text)
}

// IsChrome reports whether a whole line is a portal's.
func IsChrome(text string) bool {
	is, _ := newChrome().isChrome(text)
	return is
}

// IsTitleLink reports whether an address is made of the words of a text.
func IsTitleLink(link, text string) bool { return isTitleLink(link, text) }

// ReadByline is what a line at the right margin says of who wrote an article.
func ReadByline(text string) (author, origin string) {
	found := readByline(text, bylineEvidence{placed: true})
	if !found.ok {
		return "", ""
	}
	return found.author, found.origin
}
