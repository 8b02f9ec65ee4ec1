package normalizer

import (
	"net/url"

	"bantin/internal/article"
)

// A Body is what the external tests see of a body.
type Body struct {
	HTML     string          `json:"html"`
	Text     string          `json:"text"`
	Lead     string          `json:"lead,omitempty"`
	Author   string          `json:"author,omitempty"`
	Origin   string          `json:"origin,omitempty"`
	Images   []article.Image `json:"images,omitempty"`
	Warnings []string        `json:"warnings,omitempty"`
}

// ReadBody is readBody.
func (n *Normalizer) ReadBody(fragment string, base *url.URL) Body {
	b := n.readBody(fragment, base)
	return Body{HTML: b.HTML, Text: b.Text, Lead: b.Lead, Author: b.Author, Origin: b.Origin, Images: b.Images, Warnings: b.Warnings}
}

// IsLossy reports whether the letters of a text were lost.
func IsLossy(text string) bool { return lostLetters(text) != "" }
