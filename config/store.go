package config

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
)

// A StoreURI names the store: "sqlite:PATH", or "mongodb://…/NAME", or
// "mongodb+srv://…/NAME". It may hold a password, so it hides that wherever it is
// printed, logged or encoded; string(uri) is the URI itself.
type StoreURI string

// below is the URI with a relative path made one that begins at dir.
func (u StoreURI) below(dir string) StoreURI {
	path, ok := strings.CutPrefix(string(u), "sqlite:")
	if !ok || filepath.IsAbs(path) {
		return u
	}
	return StoreURI("sqlite:" + filepath.Join(dir, path))
}

// String is the URI without its secrets.
func (u StoreURI) String() string { return mask(string(u)) }

// GoString is the same for %#v.
func (u StoreURI) GoString() string { return fmt.Sprintf("%q", u.String()) }

// LogValue is the same for slog.
func (u StoreURI) LogValue() slog.Value { return slog.StringValue(u.String()) }

// MarshalText is the same for encoders.
func (u StoreURI) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// mask hides the password of a URI, and its options, some of which are secrets
// as well (tlsCertificateKeyFilePassword, authMechanismProperties). It takes the
// last @ for the end of the password, so that one with an unescaped @, / or ? in
// it is hidden too.
func mask(uri string) string {
	scheme, rest, ok := strings.Cut(uri, "://")
	if !ok {
		return uri
	}
	user, host := "", rest
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		name, _, secret := strings.Cut(rest[:i], ":")
		if secret {
			name += ":xxxxx"
		}
		user, host = name+"@", rest[i+1:]
	}
	host, _, options := strings.Cut(host, "?")
	if options {
		host += "?xxxxx"
	}
	return scheme + "://" + user + host
}

// store reads the URI of the store, from the environment for "env:NAME".
func (d *decoder) store(v value) StoreURI {
	if !d.is(v, text) {
		return ""
	}
	uri := v.text
	if name, ok := strings.CutPrefix(uri, "env:"); ok {
		if uri = d.getenv(name); uri == "" {
			d.report(v, fmt.Sprintf("the environment variable %s is not set", quote(name)), "set it to the URI of the store")
			return ""
		}
	}
	if message, hint := checkStore(uri); message != "" {
		d.report(v, message, hint)
	}
	return StoreURI(uri)
}

func (d *decoder) getenv(name string) string {
	if d.known.Getenv == nil || name == "" {
		return ""
	}
	return d.known.Getenv(name)
}

// checkStore says what is wrong with a URI, without quoting it.
func checkStore(uri string) (message, hint string) {
	const shape = `write "sqlite:bantin.db" or "mongodb://host/bantin"`
	scheme, rest, ok := strings.Cut(uri, ":")
	switch {
	case !ok:
		return "not a store", shape
	case scheme == "sqlite":
		return checkSQLite(rest)
	case scheme == "mongodb" || scheme == "mongodb+srv":
		address, ok := strings.CutPrefix(rest, "//")
		if !ok {
			return "not a MongoDB URI", `write "` + scheme + `://host/bantin"`
		}
		return checkMongoDB(scheme, address)
	}
	return "unknown kind of store", shape
}

func checkSQLite(path string) (message, hint string) {
	switch {
	case path == "":
		return "names no file", `write "sqlite:bantin.db"`
	case path == ":memory:":
		return "a store in memory forgets everything", `name a file, such as "sqlite:bantin.db"`
	case strings.ContainsAny(path, "?#\x00"):
		return "the path of a SQLite file cannot hold ? or #", "bantin sets the options itself"
	}
	return "", ""
}

// checkMongoDB checks "user:password@host:port,host:port/name?options"
// (https://www.mongodb.com/docs/manual/reference/connection-string/). net/url
// does not know several hosts.
func checkMongoDB(scheme, address string) (message, hint string) {
	address, _, _ = strings.Cut(address, "?")
	if i := strings.LastIndex(address, "@"); i >= 0 {
		if strings.ContainsAny(address[:i], "/#@") {
			return "the user name or password holds a character that must be escaped", "write / as %2F, # as %23 and @ as %40"
		}
		address = address[i+1:]
	}
	hosts, name, _ := strings.Cut(address, "/")
	for host := range strings.SplitSeq(hosts, ",") {
		if !isMongoHost(scheme, host) {
			return "the MongoDB URI has no valid host", `write "mongodb://host:27017/bantin", or "mongodb+srv://host/bantin" with one host and no port`
		}
	}
	if scheme == "mongodb+srv" && strings.Contains(hosts, ",") {
		return "a mongodb+srv URI has one host", ""
	}
	// https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions
	if name == "" || len(name) > 63 || strings.ContainsAny(name, "/\\. \"$*<>:|?#\x00") {
		return "the MongoDB URI names no valid database", `end it with a name, such as "/bantin"`
	}
	return "", ""
}

func isMongoHost(scheme, host string) bool {
	if i := strings.LastIndex(host, ":"); i > strings.LastIndex(host, "]") {
		if port := host[i+1:]; port == "" || !isPort(port) || scheme == "mongodb+srv" {
			return false
		}
		host = host[:i]
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(inner, "]")
	}
	return isHost(host)
}
