package fetcher

import (
	"context"
	"fmt"
	"net/netip"
	"syscall"
)

// A guard decides which addresses may be connected to. Feeds, redirects and
// links come from strangers; none of them may make this machine ask its own
// services, its neighbours or its cloud's metadata server.
type guard struct {
	allowed []netip.Prefix
	special []specialNetwork
}

type specialNetwork struct {
	prefix netip.Prefix
	what   string
}

// A blockedError is how the guard says no.
type blockedError struct{ text string }

func (e *blockedError) Error() string { return e.text }

func newGuard(allowed []netip.Prefix) *guard {
	return &guard{allowed: allowed, special: specialNetworks()}
}

// control is a net.Dialer.ControlContext: it runs between the look-up of the
// name and the connect, once for each address that is tried. So there is no
// moment between the check and its use in which the address could change, and
// of a host with a public and a private address the private one is passed over.
func (g *guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return &blockedError{fmt.Sprintf("%q is not an address", address)}
	}
	return g.check(target)
}

func (g *guard) check(target netip.AddrPort) error {
	addr, port := target.Addr(), target.Port()
	for _, network := range g.allowed {
		if network.Contains(addr) {
			return nil
		}
	}
	for _, network := range g.special {
		if network.prefix.Contains(addr) {
			return notPublic(addr, network.what)
		}
	}
	// IANA has given out no other unicast space than this (RFC 4291 §2.4). No
	// network contains an address with a zone, so that these end here too.
	if addr.Is6() && !netip.MustParsePrefix("2000::/3").Contains(addr) {
		return notPublic(addr, "outside of the global unicast space")
	}
	if service := otherService(port); service != "" {
		return &blockedError{fmt.Sprintf("port %d is for %s, not for the web; only a host inside fetch.allow_networks may have it", port, service)}
	}
	return nil
}

func notPublic(addr netip.Addr, what string) error {
	return &blockedError{fmt.Sprintf("%s is %s, not a public address; if it is meant, add its network to fetch.allow_networks", addr, what)}
}

// specialNetworks are the IANA special-purpose registries (RFC 6890) and
// multicast, with what each is. An IPv6 form that carries an IPv4 address is
// refused whatever it carries: the machine that unpacks it stands elsewhere.
func specialNetworks() []specialNetwork {
	network := func(prefix, what string) specialNetwork {
		return specialNetwork{netip.MustParsePrefix(prefix), what}
	}
	return []specialNetwork{
		network("0.0.0.0/8", "this host itself (RFC 1122 §3.2.1.3)"),
		network("10.0.0.0/8", "private (RFC 1918)"),
		network("100.64.0.0/10", "a carrier's private space (RFC 6598)"),
		network("127.0.0.0/8", "loopback (RFC 1122 §3.2.1.3)"),
		network("168.63.129.16/32", "a cloud's own service to its machines"),
		network("169.254.0.0/16", "link-local (RFC 3927)"),
		network("172.16.0.0/12", "private (RFC 1918)"),
		network("192.0.0.0/24", "for protocols (RFC 6890)"),
		network("192.0.2.0/24", "for documentation (RFC 5737)"),
		network("192.88.99.0/24", "a 6to4 relay (RFC 7526)"),
		network("192.168.0.0/16", "private (RFC 1918)"),
		network("198.18.0.0/15", "for benchmarks (RFC 2544)"),
		network("198.51.100.0/24", "for documentation (RFC 5737)"),
		network("203.0.113.0/24", "for documentation (RFC 5737)"),
		network("224.0.0.0/4", "multicast (RFC 5771)"),
		network("240.0.0.0/4", "reserved (RFC 1112 §4)"),

		network("::/128", "unspecified (RFC 4291 §2.5.2)"),
		network("::1/128", "loopback (RFC 4291 §2.5.3)"),
		network("::ffff:0:0/96", "an IPv4 address in disguise (RFC 4291 §2.5.5.2)"),
		network("64:ff9b::/96", "an IPv4 address behind NAT64 (RFC 6052)"),
		network("64:ff9b:1::/48", "an IPv4 address behind NAT64 (RFC 8215)"),
		network("2001::/23", "Teredo or another protocol (RFC 2928, RFC 4380)"),
		network("2001:db8::/32", "for documentation (RFC 3849)"),
		network("2002::/16", "an IPv4 address behind 6to4 (RFC 3056)"),
		network("3fff::/20", "for documentation (RFC 9637)"),
		network("fc00::/7", "private (RFC 4193)"),
		network("fe80::/10", "link-local (RFC 4291 §2.5.6)"),
		network("ff00::/8", "multicast (RFC 4291 §2.7)"),
	}
}

// otherService names what listens on a port by custom, when it is not the web.
// A GET sent to such a port is at best noise in someone's log and at worst a
// command: a cache or a database may read its lines as its own language.
func otherService(port uint16) string {
	switch port {
	case 80, 443:
		return ""
	case 1433, 1521, 3050, 3306, 5432, 5984, 7000, 9042, 26257, 27017, 27018, 27019, 28017, 33060, 50000:
		return "a database"
	case 6379, 6380, 11211, 16379, 26379:
		return "a cache" // Redis and memcached take commands line by line
	case 9200, 9300:
		return "a search engine's data"
	case 2181, 2379, 2380, 8300, 8301, 8500:
		return "a cluster's configuration"
	case 2375, 2376, 2377, 6443, 10250, 10255:
		return "Docker or Kubernetes" // a plain GET lists containers and secrets
	case 1883, 4369, 5671, 5672, 8883, 9092, 15672, 25672:
		return "a message broker"
	case 3389, 5985, 5986:
		return "remote desktops and administration"
	case 5900, 5901, 5902, 5903, 6000, 6001, 6002, 6003:
		return "screens (VNC, X11)"
	case 1080, 3128:
		return "a proxy" // which would ask others for us, past this guard
	case 2049, 3260:
		return "disks (NFS, iSCSI)"
	case 5060, 5061:
		return "telephony"
	case 6665, 6666, 6667, 6668, 6669, 6697:
		return "chat (IRC)"
	case 8009:
		return "an application server's back door (AJP)"
	}
	if port < 1024 {
		return "a system service" // ssh, mail, DNS, SMB …
	}
	return ""
}
