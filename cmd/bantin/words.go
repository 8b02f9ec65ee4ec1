package main

import (
	"bantin/fetcher"
	"bantin/internal/pipeline"
)

// inWords says what a kind of failure means, and what the operator can do.
func inWords(kind string) string {
	return map[string]string{
		string(fetcher.KindTimeout):     "The server did not answer in time. It is asked again by itself; if it is always slow, raise fetch.timeout.",
		string(fetcher.KindDNS):         "The name of the host leads nowhere. Check its spelling; the site may be down, or have another name now.",
		string(fetcher.KindTLS):         "No secure connection: the certificate is wrong or out of date, or the server too old. Tell the site. \"tls: insecure\" reads it all the same, but then anybody on the way can change what comes.",
		string(fetcher.KindRefused):     "Nothing answers at the address. The server may be down; if it stays so, check the host and the port.",
		string(fetcher.KindHTTP4xx):     "The server does not give out the address. Look for another one with bantin discover, or ask the site.",
		string(fetcher.KindHTTP5xx):     "The server is in trouble. It is asked again by itself, less and less often.",
		string(fetcher.KindRateLimited): "The server was asked too often. It is left alone as long as it wishes; a longer interval or fetch.host_gap helps.",
		string(fetcher.KindGone):        "The server says that the address is gone for good. It is asked once a week; look for a new address with bantin discover, or delete the source.",
		string(fetcher.KindTooLarge):    "The document is larger than what is read. Look for a shorter feed with bantin discover.",
		string(fetcher.KindBlocked):     "The address is not one of the public internet. Correct it, or allow its network in fetch.allow_networks.",
		string(fetcher.KindBadRedirect): "The server redirects in a circle or to nowhere. Open the address in a browser, and enter the one where you end up.",
		string(fetcher.KindTruncated):   "The answer broke off before its end. It is asked for again by itself; if it stays so, tell the site.",
		string(fetcher.KindBadEncoding): "The answer is compressed in a way that cannot be undone. Tell the site.",
		string(fetcher.KindCanceled):    "The fetch was called off. It is done again by itself.",
		string(fetcher.KindNetwork):     "The connection broke, or what came is not HTTP. It is asked again by itself; if other sources fail too, check your own network.",
		"not_a_feed":                    "Something else than a feed comes. Look for the feed with bantin discover; if there is none, name a page with \"page\" in place of \"feed\".",
		"challenged":                    "The site answers with a test for browsers, or a refusal, in place of the document. Bantin does not get around it: ask the site to let it in.",
		"empty":                         "The server answers with nothing at all. It is asked again by itself; if it stays so, tell the site.",
		"unparsable":                    "The feed is broken beyond repair. Tell the site, or look for another feed with bantin discover.",
		"no_articles":                   "The page shows no links to articles. Say with \"items\" where they are; bantin discover proposes a selector.",
		"robots":                        "The site's robots.txt forbids it, or cannot be read; the text that follows says which. Ask the site to allow it, or delete the source.",
		"store":                         "The store could not be read or written. Check its disk or its server; nothing is lost but the time.",
		"busy":                          "Others had the room for large documents, or all places at the host, for too long. It is asked again by itself.",
		"internal":                      "A fault of Bantin itself. Please report it, with the text that follows.",
	}[kind]
}

// quietInWords does the same for a source that answers well and says nothing.
func quietInWords(kind string) string {
	return map[string]string{
		pipeline.QuietEmpty:    "The server answers well, but the feed has had no items for long. Look for another feed with bantin discover, or delete the source.",
		pipeline.QuietFrozen:   "The server answers well, but has had nothing new for longer than expected. See whether the site goes on elsewhere; if it rests, set \"expect\" to how long it may be quiet.",
		pipeline.QuietFlooding: "The server answers well, but brings more than 1,000 new articles or changed links a day, which is more than people write. 1,000 a day come in, the rest is read later; see whether its items are articles, and name its sections as sources of their own, or delete it.",
		pipeline.QuietMoved:    "The site has moved for good, and is read from its new address. Enter that in the configuration.",
	}[kind]
}
