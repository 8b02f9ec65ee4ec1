package robots

import (
	"container/list"
	"sync"
)

const (
	// maxHosts is well above the hosts of the largest list of sources.
	maxHosts = 10_000
	// maxCacheBytes gives each of maxHosts 1 KB; what usual files have for us is
	// shorter, and a score of hostile ones of 500 KiB must not fill the memory.
	maxCacheBytes = 10 << 20
	// recordBytes is about what a record takes without its texts.
	recordBytes = 400
)

// A cache holds the records of the hosts that were asked about last.
type cache struct {
	mu    sync.Mutex
	byURL map[string]*list.Element
	lru   *list.List // of *cached, the most recently used first
	bytes int
}

type cached struct {
	robotsURL string
	record    record
}

func (c *cached) size() int { return recordBytes + 2*len(c.robotsURL) + c.record.size() }

func newCache() *cache {
	return &cache{byURL: make(map[string]*list.Element), lru: list.New()}
}

func (c *cache) get(robotsURL string) (record, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element := c.byURL[robotsURL]
	if element == nil {
		return record{}, false
	}
	c.lru.MoveToFront(element)
	return element.Value.(*cached).record, true
}

func (c *cache) put(robotsURL string, r record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.byURL[robotsURL]; old != nil {
		c.drop(old)
	}
	entry := &cached{robotsURL: robotsURL, record: r}
	c.byURL[robotsURL] = c.lru.PushFront(entry)
	c.bytes += entry.size()
	for c.lru.Len() > 1 && (c.lru.Len() > maxHosts || c.bytes > maxCacheBytes) {
		c.drop(c.lru.Back())
	}
}

func (c *cache) drop(element *list.Element) {
	entry := element.Value.(*cached)
	c.lru.Remove(element)
	delete(c.byURL, entry.robotsURL)
	c.bytes -= entry.size()
}
