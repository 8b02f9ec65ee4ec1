package fetcher_test

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/fetcher"
)

func TestPostSendsAFormAndNothingElse(t *testing.T) {
	var body string
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		body = string(data)
		w.WriteHeader(http.StatusNoContent)
	})
	f := newFetcher(t, fetcher.Options{Contact: "https://bantin.example/about", Version: "1.2"})
	form := url.Values{"hub.mode": {"publish"}, "hub.url": {"https://bantin.example/c/tat-ca/rss.xml?a=1&b=2"}}
	if err := f.Post(t.Context(), server.URL+"/hub?key=1", form); err != nil {
		t.Fatal(err)
	}
	asked := server.asked()
	if len(asked) != 1 || asked[0].Method != http.MethodPost || asked[0].URL.RequestURI() != "/hub?key=1" {
		t.Fatalf("got the requests %v, want one POST to /hub?key=1", asked)
	}
	want := http.Header{
		"User-Agent":      {"Bantin/1.2 (+https://bantin.example/about)"},
		"Content-Type":    {"application/x-www-form-urlencoded"},
		"Content-Length":  {"92"},
		"Accept-Encoding": {"gzip"},
	}
	if diff := cmp.Diff(want, asked[0].Header); diff != "" {
		t.Errorf("request header (-want +got):\n%s", diff)
	}
	if want := "hub.mode=publish&hub.url=https%3A%2F%2Fbantin.example%2Fc%2Ftat-ca%2Frss.xml%3Fa%3D1%26b%3D2"; body != want {
		t.Errorf("got the body %s, want %s", body, want)
	}
}

func TestPostFailures(t *testing.T) {
	elsewhere := newOrigin(t, serveDocument)
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case "/busy":
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/slow":
			<-r.Context().Done()
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	f := newFetcher(t, fetcher.Options{Timeout: 200 * time.Millisecond})
	for path, want := range map[string]fetcher.Error{
		"/redirect": {Kind: fetcher.KindBadRedirect, Status: http.StatusTemporaryRedirect},
		"/busy":     {Kind: fetcher.KindHTTP5xx, Status: http.StatusServiceUnavailable, RetryAfter: 2 * time.Minute},
		"/bad":      {Kind: fetcher.KindHTTP4xx, Status: http.StatusBadRequest},
		"/slow":     {Kind: fetcher.KindTimeout},
	} {
		err := f.Post(t.Context(), server.URL+path, url.Values{})
		got, ok := errors.AsType[*fetcher.Error](err)
		if !ok || got.Kind != want.Kind || got.Status != want.Status || got.RetryAfter != want.RetryAfter {
			t.Errorf("%s: got %#v, want %+v", path, err, want)
		}
	}
	if asked := elsewhere.asked(); len(asked) != 0 {
		t.Errorf("the redirect was followed: %v", asked)
	}
}

func TestPostIsGuarded(t *testing.T) {
	server := newOrigin(t, serveDocument)
	f := fetcher.New(fetcher.Options{AllowNetworks: []netip.Prefix{}})
	t.Cleanup(f.Close)
	for _, address := range []string{server.URL, "http://ai:mat-khau@bantin.example/", "file:///etc/passwd", "http://0x7f.1/"} {
		err := f.Post(t.Context(), address, url.Values{"hub.mode": {"publish"}})
		got, ok := errors.AsType[*fetcher.Error](err)
		if !ok || got.Kind != fetcher.KindBlocked {
			t.Errorf("%s: got %v, want it blocked", address, err)
		}
	}
	if asked := server.asked(); len(asked) != 0 {
		t.Errorf("the server was asked: %v", asked)
	}
}
