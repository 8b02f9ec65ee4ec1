package mongo_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bantin/internal/article"
	"bantin/internal/store"
	"bantin/internal/store/mongo"
	"bantin/internal/store/storetest"
)

func TestStore(t *testing.T) {
	server := connect(t)
	storetest.Run(t, func(tb testing.TB) storetest.Place {
		tb.Helper()
		opts := server.database(tb)
		return func(tb testing.TB) store.Store {
			tb.Helper()
			s, err := mongo.Open(tb.Context(), opts)
			if err != nil {
				tb.Fatal(err)
			}
			return s
		}
	}, server.limits)
}

// A server is the one that BANTIN_TEST_MONGODB names.
type server struct {
	uri       string
	client    *driver.Client
	batchSize int
	limits    storetest.Limits
}

// connect ends the test when there is no server: skipped where nobody asked for
// one, failed where the checks of a change run.
func connect(t *testing.T) *server {
	t.Helper()
	uri := os.Getenv("BANTIN_TEST_MONGODB")
	if uri == "" {
		const how = "BANTIN_TEST_MONGODB names no server: set it to mongodb://HOST/, or build and start the stand-in in test/mongod and set it to the line that it prints"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	client, err := driver.Connect(options.Client().ApplyURI(uri).SetTimeout(10 * time.Second))
	if err != nil {
		t.Fatalf("connect to BANTIN_TEST_MONGODB: %v", err)
	}
	t.Cleanup(func() {
		if err := client.Disconnect(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("disconnect: %v", err)
		}
	})
	s := &server{uri: uri, client: client, batchSize: 1000}

	var info struct {
		FerretDB string `bson:"ferretdbVersion"`
	}
	err = client.Database("admin").RunCommand(t.Context(), bson.D{{Key: "buildInfo", Value: 1}}).Decode(&info)
	if err != nil {
		t.Fatalf("ask BANTIN_TEST_MONGODB for its version: %v", err)
	}
	if info.FerretDB != "" { // FerretDB 1; the second one does not have this field
		s.batchSize = 20 // a larger bulk can hang there
		s.limits.NotAtomic = "skipped on FerretDB 1, where a change of one document is not atomic"
	}
	return s
}

// database names a database of its own for the test, which is dropped at its end.
func (s *server) database(tb testing.TB) mongo.Options {
	tb.Helper()
	name := "bantin_test_" + strings.ToLower(rand.Text()[:10])
	tb.Cleanup(func() {
		// The context of the test has ended already.
		if err := s.client.Database(name).Drop(context.WithoutCancel(tb.Context())); err != nil {
			tb.Errorf("drop database %s: %v", name, err)
		}
	})
	address, query, _ := strings.Cut(s.uri, "?")
	scheme, hosts, _ := strings.Cut(address, "://")
	hosts, _, _ = strings.Cut(hosts, "/")
	return mongo.Options{URI: scheme + "://" + hosts + "/" + name + "?" + query, BatchSize: s.batchSize}
}

// at is the database of the options, past the store.
func (s *server) at(opts mongo.Options) *driver.Database {
	_, name, _ := strings.Cut(opts.URI, "://")
	_, name, _ = strings.Cut(name, "/")
	name, _, _ = strings.Cut(name, "?")
	return s.client.Database(name)
}

// open opens a store until the end of the test.
func open(t *testing.T, opts mongo.Options) *mongo.Store {
	t.Helper()
	s, err := mongo.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	// A port that nothing listens on: taken and given back.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, uri string
		want      []string
		down      bool
	}{
		{
			name: "no server",
			uri:  "mongodb://minh:m%40t-khau@" + address + "/bantin?directConnection=true",
			want: []string{address, "is the server running", "bantin.yaml"},
			down: true,
		},
		{name: "no database", uri: "mongodb://minh:m%40t-khau@" + address, want: []string{"names no database", "mongodb://HOST/bantin"}},
		{name: "no database but options", uri: "mongodb://" + address + "/?ssl=false", want: []string{"names no database"}},
		{name: "a false option", uri: "mongodb://minh:m%40t-khau@" + address + "/bantin?w=majority&w=0&journal=true", want: []string{"bantin.yaml"}},
		{name: "an unescaped password", uri: "mongodb://minh:m@t-khau@" + address + "/bantin", want: []string{"not valid", "bantin.yaml"}},
		{name: "not a MongoDB URI", uri: "postgres://minh:m%40t-khau@" + address + "/bantin", want: []string{"not valid", "bantin.yaml"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := mongo.Open(t.Context(), mongo.Options{URI: test.uri, Timeout: time.Second})
			if err == nil {
				t.Fatal("Open succeeded", s.Close())
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q does not say %q", err, want)
				}
			}
			for _, secret := range []string{"m%40t-khau", "m@t-khau", "t-khau"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error %q tells the password", err)
				}
			}
			if got := errors.Is(err, store.ErrUnavailable); got != test.down {
				t.Errorf("ErrUnavailable: got %v, want %v, of %v", got, test.down, err)
			}
		})
	}
}

// An article that is too large for MongoDB must not be lost for that.
func TestArticleTooLargeForADocument(t *testing.T) {
	server := connect(t)
	s := open(t, server.database(t))
	body := strings.Repeat("Sông dài cá lội biệt tăm. ", 300_000) // about 10 MB
	for _, test := range []struct {
		name, html, text string
		wantWhole        bool
	}{
		{"both fit", body[:len(body)/8], body[:len(body)/8], true},
		{"the text fits", body, body, true},
		{"the text is cut", "", body + body, false},
	} {
		a := article.Article{
			ID: article.NewID("bao-lang", test.name), SourceID: "bao-lang", Title: test.name,
			HTML: test.html, Text: test.text, ContentHash: "1", FirstSeen: time.Unix(1_800_000_000, 0),
		}
		refresh := article.Refresh{Articles: []article.Article{a}, State: article.SourceState{SourceID: "bao-lang"}}
		if counts, err := s.Commit(t.Context(), refresh); err != nil || counts.New != 1 {
			t.Errorf("%s: Commit: %+v, %v", test.name, counts, err)
			continue
		}
		stored, err := s.Articles(t.Context(), []string{a.ID})
		if err != nil || len(stored) != 1 {
			t.Errorf("%s: Articles: %d, %v", test.name, len(stored), err)
			continue
		}
		got := stored[0]
		if whole := got.Text == a.Text; whole != test.wantWhole || !strings.HasPrefix(a.Text, got.Text) || len(got.Text) < 1<<20 {
			t.Errorf("%s: %d of %d bytes of the text are stored", test.name, len(got.Text), len(a.Text))
		}
		if kept := got.HTML == a.HTML; kept == (len(got.Warnings) > 0) && test.html != "" {
			t.Errorf("%s: HTML kept: %v, warnings: %q", test.name, kept, got.Warnings)
		}
		if !utf8.ValidString(got.Text) {
			t.Errorf("%s: the text is cut within a character", test.name)
		}
	}
}

func TestServerOutOfReachIsUnavailable(t *testing.T) {
	server := connect(t)
	opts := server.database(t)
	scheme, hosts, _ := strings.Cut(opts.URI, "://")
	hosts, rest, _ := strings.Cut(hosts, "/")
	credentials, host := "", hosts
	if at := strings.LastIndex(hosts, "@"); at >= 0 {
		credentials, host = hosts[:at+1], hosts[at+1:]
	}
	host, _, _ = strings.Cut(host, ",")
	line := newLine(t, host)
	opts.URI = scheme + "://" + credentials + line.address() + "/" + rest + "&directConnection=true"
	opts.Timeout = time.Second
	s := open(t, opts)

	refresh := article.Refresh{State: article.SourceState{SourceID: "bao-lang"}}
	refresh.Articles = []article.Article{{ID: "a", SourceID: "bao-lang", ContentHash: "1"}}
	line.cut()
	if _, err := s.Commit(t.Context(), refresh); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Commit without a server: got %v, want ErrUnavailable", err)
	}
	if _, err := s.Due(t.Context(), time.Unix(1_800_000_000, 0), 10); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Due without a server: got %v, want ErrUnavailable", err)
	}
}

// A line is a connection to the server that can be cut.
type line struct {
	listener net.Listener
	mu       sync.Mutex
	open     []net.Conn
}

func newLine(t *testing.T, server string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener}
	t.Cleanup(l.cut)
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", server)
			if err != nil {
				_ = near.Close()
				return
			}
			l.mu.Lock()
			l.open = append(l.open, near, far)
			l.mu.Unlock()
			go func() { _, _ = io.Copy(near, far) }() // ends when the line is cut
			go func() { _, _ = io.Copy(far, near) }()
		}
	}()
	return l
}

func (l *line) address() string { return l.listener.Addr().String() }

func (l *line) cut() {
	_ = l.listener.Close() // cut twice, at the end of the test
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.open {
		_ = conn.Close()
	}
}

// A daemon may die after it wrote down which key to forget and before it forgot it.
func TestOpenFinishesForgetting(t *testing.T) {
	server := connect(t)
	opts := server.database(t)
	s := open(t, opts)
	_, err := s.Commit(t.Context(), article.Refresh{
		State: article.SourceState{SourceID: "bao-lang"},
		Articles: []article.Article{{
			ID: "a", SourceID: "bao-lang", ContentHash: "1", Channels: []string{"kinh-te@1", "kinh-te@2"},
		}},
	})
	if err := errors.Join(err, s.SetDecided(t.Context(), []string{"kinh-te@1", "kinh-te@2"}), s.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = server.at(opts).Collection("channels").InsertOne(t.Context(), bson.D{
		{Key: "_id", Value: "kinh-te"},
		{Key: "key", Value: "kinh-te@2"},
		{Key: "forget", Value: bson.A{"kinh-te@1"}},
	})
	if err != nil {
		t.Fatal(err)
	}

	s = open(t, opts)
	for key, want := range map[string]int{"kinh-te@1": 0, "kinh-te@2": 1} {
		got, err := s.Select(t.Context(), store.Query{Key: key, Limit: 10})
		if err != nil || len(got) != want {
			t.Errorf("articles of %s: got %d, %v; want %d", key, len(got), err, want)
		}
	}
	if got, err := s.Decided(t.Context()); err != nil || !slices.Equal(got, []string{"kinh-te@2"}) {
		t.Errorf("Decided: got %v, %v; want only kinh-te@2", got, err)
	}
}

func TestIndexes(t *testing.T) {
	server := connect(t)
	opts := server.database(t)
	open(t, opts)
	got := make(map[string]bool)
	for _, collection := range []string{"articles", "sources", "issues"} {
		indexes, err := server.at(opts).Collection(collection).Indexes().ListSpecifications(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, index := range indexes {
			got[collection+"."+index.Name] = index.Unique != nil && *index.Unique
		}
	}
	want := map[string]bool{
		"articles.source_twin":     true,
		"articles.source_likeness": false,
		"articles.canonical_url":   false,
		"articles.channel_page":    false,
		"articles.channel_seen":    false,
		"articles.source_buried":   false,
		"sources.source_due":       false,
		"issues.digest_date":       true,
	}
	for index, unique := range want {
		if is, ok := got[index]; !ok || is != unique {
			t.Errorf("index %s: there: %v, unique: %v; want unique: %v", index, ok, is, unique)
		}
	}
}

// All is stored by then, and the lease ends by itself.
func TestALeaseThatCannotBeGivenBackIsNoFailure(t *testing.T) {
	s := open(t, connect(t).database(t))
	wrong := article.Lease{Host: "bao.example"} // no server takes the name of a field that is empty
	if err := s.Release(t.Context(), wrong); err == nil {
		t.Fatal("the server took an empty token")
	}
	state := article.SourceState{SourceID: "bao", BodyHash: "x"}
	if _, err := s.Commit(t.Context(), article.Refresh{State: state, Release: wrong}); err != nil {
		t.Errorf("Commit: %v", err)
	}
	if states, err := s.States(t.Context(), "bao"); err != nil || states["bao"].BodyHash != "x" {
		t.Errorf("got states %+v, %v; want the one that was committed", states, err)
	}
}
