package fetcher

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

const (
	// dialTimeout is for one connect: the first packet and its three repeats
	// after 1, 3 and 7 s. Who has not answered by then is not there.
	dialTimeout = 10 * time.Second
	// tlsTimeout is for a handshake with the slowest portals, measured near 8 s.
	tlsTimeout = 10 * time.Second
	// idleTimeout keeps a connection through one round of a host's sources,
	// which are asked seconds apart, and not until the next, an hour later.
	idleTimeout = 30 * time.Second
	// maxIdlePerHost is as many as the default of PerHost can use.
	maxIdlePerHost = 2
	// maxIdle is half of the 1,024 files that many systems let a process open.
	maxIdle = 512
	// maxHeaderBytes is 30 times what servers send, cookies included; it also
	// ends an endless row of 1xx answers.
	maxHeaderBytes = 256 << 10
)

// A Fetcher fetches documents one by one, as its Options say. Its owner must
// Close it.
type Fetcher struct {
	options   Options
	userAgent string
	transport *http.Transport
	insecure  *http.Transport // for Request.InsecureHost alone
	gates     *gates
}

// New returns a Fetcher. The options should have passed Validate.
func New(options Options) *Fetcher {
	options = options.withDefaults()
	dialer := &net.Dialer{
		Timeout:        dialTimeout,
		Resolver:       options.Resolver,
		ControlContext: newGuard(options.AllowNetworks).control,
	}
	return &Fetcher{
		options:   options,
		userAgent: options.userAgent(),
		gates:     newGates(options.PerHost),
		transport: newTransport(dialer, &tls.Config{RootCAs: options.RootCAs, MinVersion: tls.VersionTLS12}),
		insecure:  newTransport(dialer, insecureTLS()),
	}
}

func newTransport(dialer *net.Dialer, config *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // a proxy would connect where the guard cannot see
		DialContext:            dialer.DialContext,
		TLSClientConfig:        config,
		ForceAttemptHTTP2:      true, // a dialer of one's own switches it off
		TLSHandshakeTimeout:    tlsTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// insecureTLS speaks with the old portals: any certificate, TLS 1.0 and 1.1
// (deprecated by RFC 8996), RSA key exchange. A weak cipher takes nothing away
// where the certificate proves nothing. crypto/tls knows no key exchange over
// finite fields (DHE), so a server that offers nothing else stays out of reach.
func insecureTLS() *tls.Config {
	var suites []uint16
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		suites = append(suites, suite.ID)
	}
	return &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // the operator's exception for one host
		MinVersion:         tls.VersionTLS10,
		CipherSuites:       suites,
	}
}

// Close drops the idle connections. Fetches under way go on to their end.
func (f *Fetcher) Close() {
	f.transport.CloseIdleConnections()
	f.insecure.CloseIdleConnections()
}
