package fetcher_test

import (
	"io"
	"log"
	"net/netip"
	"strings"
	"testing"

	"bantin/fetcher"
)

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

func TestOptionsValidate(t *testing.T) {
	good := []fetcher.Options{
		{},
		{Contact: "https://bantin.example/about", Version: "1.0.0-rc1"},
		{Contact: "mailto:toa-soan@bantin.example", AllowNetworks: loopback()},
	}
	for _, options := range good {
		if err := options.Validate(); err != nil {
			t.Errorf("%+v: %v", options, err)
		}
	}
	bad := map[string]fetcher.Options{
		"contact":        {Contact: "x\r\nHost: evil"},
		"contact: only":  {Contact: "liên hệ"},
		"parentheses":    {Contact: "a)b"},
		"version":        {Version: "1 2"},
		"allow networks": {AllowNetworks: []netip.Prefix{{}}},
		"timeout":        {Timeout: -1},
		"max body bytes": {MaxBodyBytes: -1},
		"per host":       {PerHost: -1},
	}
	for want, options := range bad {
		if err := options.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error about %q", options, err, want)
		}
	}
	all := fetcher.Options{Contact: "(", Timeout: -1, PerHost: -1}.Validate()
	if got := strings.Count(all.Error(), "\n") + 1; got != 3 {
		t.Errorf("got %d problems, want 3: %v", got, all)
	}
}
