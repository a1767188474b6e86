package probe

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhichAddressesArePublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"104.16.0.1": true, "8.8.8.8": true, "172.66.0.1": true, "100.128.0.1": true, "2606:4700::6810:1": true, "2a00:1450::1": true,
		"::ffff:104.16.0.1": true,

		"0.0.0.0": false, "10.1.2.3": false, "100.64.0.1": false, "100.127.255.255": false, "127.0.0.1": false, "127.9.9.9": false,
		"169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "192.0.0.8": false, "198.18.0.1": false,
		"192.0.2.1": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "ff02::1": false,
		"2001:db8::1": false, "2002:7f00:1::": false, "2001::1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "100::1": false,
		"::127.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false,
	} {
		require.Equal(t, want, public(netip.MustParseAddr(address)), address)
	}
	require.False(t, public(netip.Addr{}))
	require.Error(t, refuseInside("tcp", "no address", nil))
	require.NoError(t, refuseInside("tcp6", "[2606:4700::6810:1]:443", nil))
}
