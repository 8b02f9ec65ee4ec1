package publisher

import "strings"

// Topics are the feeds that hubs are told of (WebSub §4): their public addresses,
// each with a hash of the document's bytes. There are none without hubs, and none
// of an unlisted channel: a hub that knew its address could tell everybody.
func (s *Site) Topics() map[string]string {
	topics := make(map[string]string)
	for _, f := range s.files {
		if f.Topic != "" {
			topics[f.Topic] = f.ETag
		}
	}
	return topics
}

// announce lets the hubs be told of a document of the feed, and subscribers find
// them in its header (WebSub §4). RFC 8288 §3 has the form of a Link.
func (r *renderer) announce(f *feed, name string) {
	if len(f.Hubs) == 0 || name == pageName {
		return
	}
	file := r.current.files[f.path()+name]
	file.Topic = f.url(name)
	var links []string
	for _, hub := range f.Hubs {
		links = append(links, "<"+hub+`>; rel="hub"`)
	}
	file.Link = strings.Join(append(links, "<"+file.Topic+`>; rel="self"`), ", ")
}

// hubsOf are the hubs of a channel's feeds, as they stand in documents.
func (r *renderer) hubsOf(c *Channel) []string {
	if c.Listing == Unlisted {
		return nil
	}
	var hubs []string
	for _, hub := range r.options.Hubs {
		hubs = append(hubs, escapeURL(hub))
	}
	return hubs
}
