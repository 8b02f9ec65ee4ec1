package normalizer

import "bantin/internal/article"

// Tag lets the tests judge places and topics without a feed or page around them.
func Tag(n *Normalizer, a *article.Article, src article.Source) { n.tag(a, src) }
