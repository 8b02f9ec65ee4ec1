package config

import (
	"time"

	// Zones are known also where the machine has no database of them.
	_ "time/tzdata"

	"bantin/internal/article"
)

// The defaults of the keys of sources and channels.
const (
	defaultRepublish = article.Summary // full text only where the source agreed
	defaultFullText  = article.FullTextAuto
	defaultLimit     = 50 // entries of a feed
)

// Default returns the values of all other keys that may be left out: a
// configuration without sources.
func Default() *Config {
	return &Config{
		Site: Site{Language: "vi", Timezone: vietnam()},
		// Nothing to install.
		Store: "sqlite:bantin.db",
		// This machine only, until the operator says otherwise.
		Listen: "127.0.0.1:8080",
		Fetch: Fetch{
			MinInterval: 60 * time.Minute,       // what sources expect of a polite reader
			MaxInterval: 24 * time.Hour,         // news that is a day old is none
			Concurrency: 32,                     // fetches wait for networks, not for processors
			PerHost:     2,                      // less than a browser with one person before it
			HostGap:     500 * time.Millisecond, // some portals need a second for an answer
			Pages:       30,                     // a portal's listing; half a minute at a second each
			Timeout:     30 * time.Second,       // slow portals take 8
		},
		// A quarter: long enough to mend what somebody noticed late.
		Retain:  Retention{Raw: 90 * 24 * time.Hour},
		Publish: Publish{Facets: true}, // they cost nothing while nobody reads them
	}
}

func vietnam() *time.Location {
	const name = "Asia/Ho_Chi_Minh"
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.FixedZone(name, 7*60*60) // without a change of clocks since 1975
	}
	return loc
}
