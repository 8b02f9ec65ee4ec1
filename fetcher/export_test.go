package fetcher

import "net/netip"

// CheckAddress asks the guard about an address without connecting to it, which
// a test of public addresses must not do.
func CheckAddress(target netip.AddrPort, allowed ...netip.Prefix) error {
	return newGuard(allowed).check(target)
}

// Gates is the number of hosts that someone is at or waits for.
func (f *Fetcher) Gates() int {
	f.gates.mu.Lock()
	defer f.gates.mu.Unlock()
	return len(f.gates.byHost)
}
