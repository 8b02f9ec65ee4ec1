package demo_test

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"bantin/config"
	"bantin/internal/article"
	"bantin/internal/demo"
	"bantin/internal/gazetteer"
	"bantin/normalizer"
)

// parse reads the demo's configuration as bantin itself does.
func parse(t *testing.T, text []byte) *config.Config {
	t.Helper()
	places, err := gazetteer.New()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Parse("bantin.yaml", text, config.Known{
		Provinces: places.ProvinceIDs(),
		Topics:    normalizer.Topics(nil),
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return cfg
}

func TestConfigPointsAtTheSources(t *testing.T) {
	server := serve(t)
	cfg := parse(t, demo.Config(server.URL, "sqlite:demo.db", "127.0.0.1:8080"))
	feedCount, pageCount := 0, 0
	policies := map[article.Republish]bool{}
	for _, source := range cfg.Sources {
		if !strings.HasPrefix(source.URL(), server.URL+"/"+source.ID+"/") {
			t.Errorf("%s: URL %q is not below the source's own prefix", source.ID, source.URL())
		}
		got := get(t, source.URL())
		if got.status != http.StatusOK {
			t.Errorf("%s: status %d", source.ID, got.status)
		}
		challenged := strings.Contains(got.body, "D1N=")
		if challenged != (source.ID == "trang-thu-thach") {
			t.Errorf("%s: challenged is %v", source.ID, challenged)
		}
		if source.PageURL != "" {
			pageCount++
		} else if !challenged {
			feedCount++
		}
		policies[source.Republish] = true
	}
	if feedCount != len(feeds()) || pageCount != 2 {
		t.Errorf("%d good feeds and %d pages, want %d and 2", feedCount, pageCount, len(feeds()))
	}
	if len(policies) != 3 {
		t.Errorf("republish policies %v, want all three", policies)
	}
	if !slices.Contains(cfg.Fetch.AllowNetworks, netip.MustParsePrefix("127.0.0.0/8")) {
		t.Errorf("allow_networks %v lacks loopback", cfg.Fetch.AllowNetworks)
	}
}

func TestConfigChannelsAndDigest(t *testing.T) {
	cfg := parse(t, demo.Config("http://127.0.0.1:9", "sqlite:demo.db", "127.0.0.1:8080"))
	if count := len(cfg.Channels); count < 5 || count > 7 {
		t.Errorf("%d channels, want 5 to 7", count)
	}
	if len(cfg.Digests) != 1 || cfg.Digests[0].ID != "sang" {
		t.Errorf("digests %v, want the one of the morning", cfg.Digests)
	}
}

func TestConfigSettings(t *testing.T) {
	tests := []struct {
		store, listen, site string
	}{
		{"sqlite:demo.db", "127.0.0.1:8080", "http://127.0.0.1:8080/"},
		{`sqlite:C:\Users\An\thử.db`, "localhost:80", "http://localhost:80/"},
		{"sqlite:/var/lib/a b.db", ":8080", "http://127.0.0.1:8080/"},
		{"sqlite:x", "0.0.0.0:81", "http://127.0.0.1:81/"},
		{"sqlite:x", "[::1]:81", "http://[::1]:81/"},
	}
	for _, test := range tests {
		cfg := parse(t, demo.Config("http://127.0.0.1:9/", test.store, test.listen))
		if string(cfg.Store) != test.store || cfg.Listen != test.listen || cfg.Site.URL != test.site {
			t.Errorf("store %q, listen %q, site %q; want %q, %q, %q",
				string(cfg.Store), cfg.Listen, cfg.Site.URL, test.store, test.listen, test.site)
		}
		if got, want := cfg.Sources[0].FeedURL, "http://127.0.0.1:9/bao-song-cau/rss/home.rss"; got != want {
			t.Errorf("feed %q, want %q", got, want)
		}
	}
}
