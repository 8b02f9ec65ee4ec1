package publisher

import "strings"

// xmlText is plain text in an element. "&" and "<" are written as hexadecimal
// references, because readers that take the text for HTML are known to decode
// it once more, and these are what all of them agree on (RSS Advisory Board,
// Best Practices Profile, "Character Data").
type xmlText struct {
	Escaped string `xml:",innerxml"`
}

func newXMLText(s string) xmlText {
	if !strings.ContainsAny(s, "&<>") {
		return xmlText{Escaped: s} // nearly all text
	}
	return xmlText{Escaped: strings.NewReplacer("&", "&#x26;", "<", "&#x3C;", ">", "&#x3E;").Replace(plain(s))}
}

// optionalText is nil where there is no text, so that there is no element.
func optionalText(s string) *xmlText {
	if s == "" {
		return nil
	}
	text := newXMLText(s)
	return &text
}

// rights is what may be said of all that a feed holds; each entry names its own
// source.
const rights = "Nội dung thuộc về các nguồn tin; mỗi bài đều ghi nguồn và dẫn về bài gốc."
