package probe

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"pagesbot/deploy"
)

// The bounds of a connection to a live site.
const (
	connectTime = 5 * time.Second
	maxHeader   = 64 << 10
)

// Public is a transport that connects to public addresses and no others, whatever
// a name leads to at that moment. It uses no proxy: one would connect in its place.
func Public() *http.Transport {
	dialer := &net.Dialer{Timeout: connectTime, Control: refuseInside}
	return &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: connectTime, ForceAttemptHTTP2: true,
		DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader,
	}
}

// refuseInside is asked right before each connection, with the address that the
// name was resolved to.
func refuseInside(_, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read the address of a connection: %w", err)
	}
	if !public(target.Addr()) {
		return deploy.ErrNotPublic
	}
	return nil
}

// Of IPv6 only this part is handed out for the public internet, and of that some
// blocks are not, or stand for an address of IPv4.
// https://www.iana.org/assignments/ipv6-address-space
// https://www.iana.org/assignments/iana-ipv6-special-registry
var (
	public6  = netip.MustParsePrefix("2000::/3")
	special6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

// The blocks of IPv4 that are not of the public internet.
// https://www.iana.org/assignments/iana-ipv4-special-registry
var special4 = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// public reports whether an address is one of the public internet.
func public(address netip.Addr) bool {
	address = address.Unmap()
	special := special4
	if address.Is6() {
		if !public6.Contains(address) {
			return false
		}
		special = special6
	}
	for _, block := range special {
		if block.Contains(address) {
			return false
		}
	}
	return address.IsValid()
}
