package demo

import (
	"io/fs"
	"net"
	"strings"
)

// Config is the bantin.yaml of the demo: its sources stand below originURL, the
// base URL of a server of Handler; store is the URI of the store and listen the
// address on which Bantin publishes.
func Config(originURL, store, listen string) []byte {
	text, err := renderConfig(settings{
		Origin: strings.TrimRight(originURL, "/"),
		Store:  store,
		Listen: listen,
	})
	if err != nil {
		panic(err) // the template is embedded and tested
	}
	return text
}

func renderConfig(s settings) ([]byte, error) {
	files, err := fs.Sub(embedded, "sources")
	if err != nil {
		return nil, err
	}
	templates, err := readShelf(files)
	if err != nil {
		return nil, err
	}
	return templates.render("bantin.yaml", s)
}

// settings is what the template of the configuration sees.
type settings struct {
	Origin, Store, Listen string
}

// At is the address of something that the demo's origin serves.
func (s settings) At(path string) string { return s.Origin + path }

// Site is where a reader on this machine finds what is published. An address
// that stands for all interfaces is no place to point a browser at.
func (s settings) Site() string {
	host, port, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return "http://" + s.Listen + "/"
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}
