package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/pipeline"
	"bantin/internal/store"
)

func TestStateOfTheOutputs(t *testing.T) {
	zone := time.FixedZone("+07", 7*60*60)
	at := time.Date(2026, time.November, 22, 8, 0, 0, 0, zone)
	later := at.Add(time.Hour)
	for _, test := range []struct {
		outputs pipeline.Outputs
		want    string
	}{
		{pipeline.Outputs{}, `{"state":"none","rendered":null,"stale_since":null}`},
		{pipeline.Outputs{StaleSince: at}, `{"state":"none","rendered":null,"stale_since":"2026-11-22T08:00:00+07:00"}`},
		{pipeline.Outputs{Rendered: at.UTC()}, `{"state":"fresh","rendered":"2026-11-22T08:00:00+07:00","stale_since":null}`},
		{pipeline.Outputs{Rendered: at, StaleSince: later}, `{"state":"stale","rendered":"2026-11-22T08:00:00+07:00","stale_since":"2026-11-22T09:00:00+07:00"}`},
	} {
		got, err := json.Marshal(newOutputsStatus(test.outputs, zone))
		if err != nil || string(got) != test.want {
			t.Errorf("%+v: got %s, %v; want %s", test.outputs, got, err, test.want)
		}
	}
}

// The daemon and its store are two things: when the store is down the daemon
// still says how its outputs are.
func TestStatusWhileTheStoreIsDown(t *testing.T) {
	const stale = `{"state":"stale","rendered":"2026-11-22T08:00:00+07:00","stale_since":"2026-11-22T09:00:00+07:00"}`
	daemon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			_, _ = w.Write([]byte(stale))
		}
	}))
	defer daemon.Close()
	_, config := workplace(t, "http://127.0.0.1:9", "tot")
	address := strings.TrimPrefix(daemon.URL, "http://")
	rewrite(t, config, "listen: 127.0.0.1:0", "listen: "+address)
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	_, file, _ := strings.Cut(string(text), "store: ")
	file, _, _ = strings.Cut(file, "\n")
	rewrite(t, config, file, "mongodb://127.0.0.1:1/bantin?serverSelectionTimeoutMS=200")

	out, err := call(t, "-c", config, "status")
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want that the store is not there", err)
	}
	if want := "stale: the daemon cannot read the store since 2026-11-22 09:00 and serves what it rendered at 2026-11-22 08:00"; !strings.Contains(out, want) {
		t.Errorf("got %q, want %q", out, want)
	}
	out, err = call(t, "-c", config, "status", "--json")
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want that the store is not there", err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(out)); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if diff := cmp.Diff(compact.String(), `{"outputs":`+stale+`,"sources":null}`); diff != "" {
		t.Errorf("got (-) want (+):\n%s", diff)
	}
}

func TestAskingADaemonThatIsNone(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"state":"well"}`))
	}))
	defer other.Close()
	for _, listen := range []string{"127.0.0.1:1", "", "x", strings.TrimPrefix(other.URL, "http://")} {
		if got := askDaemon(t.Context(), listen); got.State != "unknown" {
			t.Errorf("%q: got %+v", listen, got)
		}
	}
	for listen, want := range map[string]string{":80": "localhost:80", "0.0.0.0:80": "localhost:80", "[::]:80": "localhost:80", "10.0.0.1:80": "10.0.0.1:80"} {
		if got := dialable(listen); got != want {
			t.Errorf("%q: got %q, want %q", listen, got, want)
		}
	}
}

// TestTheDaemonExports: what it fetched stands in publish.dir as it is served,
// and the daemon says that its outputs are fresh.
func TestTheDaemonExports(t *testing.T) {
	o := newOrigin(t)
	dir, config := workplace(t, o.URL, "tot")
	listener, err := listen(t.Context(), "127.0.0.1:0", "listen")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	rewrite(t, config, "listen: 127.0.0.1:0", "listen: "+address+"\npublish: {dir: public}")
	daemon := bantin(t, dir, "run")
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	const path = "c/tat-ca/rss.xml"
	name := filepath.Join(dir, "public", filepath.FromSlash(path))
	for deadline := time.Now().Add(40 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		written, err := os.ReadFile(name)
		if err == nil && strings.Contains(string(written), "Khánh thành cầu Sông Cầu") {
			if served := get(t, "http://"+address+"/"+path); served != string(written) {
				t.Errorf("served %d bytes, written %d", len(served), len(written))
			}
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("the article is not exported: %v", err)
			break
		}
	}
	if _, err := os.Stat(name + ".gz"); err != nil {
		t.Error(err)
	}
	out, err := call(t, "-c", config, "status", "--json")
	if err != nil || !strings.Contains(out, `"state": "fresh"`) {
		t.Errorf("status: %v: %s", err, out)
	}
	if err := daemon.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Wait(); err != nil {
		t.Errorf("after an interrupt: got %v, want a clean end", err)
	}
}
