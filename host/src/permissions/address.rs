//! Which addresses are the public internet's, and which are somebody's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that no name may lead to unasked: first address, length of the prefix.
const OWN_V4: [(Ipv4Addr, u32); 16] = [
    // "This network" (RFC 791); Linux connects `0.0.0.0` to itself.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private (RFC 1918).
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Shared by the customers of a provider (RFC 6598).
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // This machine (RFC 1122).
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // The link, and with it the metadata of clouds (RFC 3927).
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Private (RFC 1918).
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    // Protocol assignments (RFC 6890).
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation (RFC 5737).
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    // Relays of 6to4, given up (RFC 7526).
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Private (RFC 1918).
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Measurements inside a network (RFC 2544).
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Documentation (RFC 5737).
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    // Documentation (RFC 5737).
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast (RFC 5771).
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved (RFC 1112).
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    // Everybody on the link (RFC 919).
    (Ipv4Addr::new(255, 255, 255, 255), 32),
];

/// The same of IPv6. Those that stand for an address of IPv4 behind a translator are among them, since the translator
/// would lead to any address at all.
const OWN_V6: [(Ipv6Addr, u32); 13] = [
    // Unspecified (RFC 4291).
    (Ipv6Addr::UNSPECIFIED, 128),
    // This machine (RFC 4291).
    (Ipv6Addr::LOCALHOST, 128),
    // Unique local (RFC 4193).
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    // The link (RFC 4291).
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    // The site, given up and still in use (RFC 3879).
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10),
    // Multicast (RFC 4291).
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
    // Documentation (RFC 3849).
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // Documentation (RFC 9637).
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // NAT64, well-known (RFC 6052).
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96),
    // NAT64, of one's own (RFC 8215).
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48),
    // 6to4 (RFC 3056).
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    // Teredo (RFC 4380) and the other protocol assignments, of which none serves HTTP (RFC 2928).
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Discarded (RFC 6666).
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64),
];

/// Whether an address is one of the public internet, which is what a name may lead to without being asked about.
///
/// An address of IPv4 in its IPv6 form, mapped (RFC 4291) or compatible (the same, given up), is judged as what it is.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !OWN_V4
            .iter()
            .any(|(first, length)| begins_v4(address, *first, *length)),
        IpAddr::V6(address) => {
            let is_own = OWN_V6
                .iter()
                .any(|(first, length)| begins_v6(address, *first, *length));
            let inner = address.to_ipv4();
            !is_own && inner.is_none_or(|inner| is_public(inner.into()))
        }
    }
}

/// An address without its IPv6 form, when it is one of IPv4.
pub(super) fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn begins_v4(address: Ipv4Addr, first: Ipv4Addr, length: u32) -> bool {
    let differing = address.to_bits() ^ first.to_bits();
    differing.leading_zeros() >= length
}

fn begins_v6(address: Ipv6Addr, first: Ipv6Addr, length: u32) -> bool {
    let differing = address.to_bits() ^ first.to_bits();
    differing.leading_zeros() >= length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        let check = |address: &str, public: bool| {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        };
        // Each network by its first and last address, between its neighbours.
        for (before, first, last, after) in [
            ("", "0.0.0.0", "0.255.255.255", "1.0.0.0"),
            ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
            (
                "100.63.255.255",
                "100.64.0.0",
                "100.127.255.255",
                "100.128.0.0",
            ),
            (
                "126.255.255.255",
                "127.0.0.0",
                "127.255.255.255",
                "128.0.0.0",
            ),
            (
                "169.253.255.255",
                "169.254.0.0",
                "169.254.255.255",
                "169.255.0.0",
            ),
            (
                "172.15.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "172.32.0.0",
            ),
            ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
            ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
            (
                "192.88.98.255",
                "192.88.99.0",
                "192.88.99.255",
                "192.88.100.0",
            ),
            (
                "192.167.255.255",
                "192.168.0.0",
                "192.168.255.255",
                "192.169.0.0",
            ),
            (
                "198.17.255.255",
                "198.18.0.0",
                "198.19.255.255",
                "198.20.0.0",
            ),
            (
                "198.51.99.255",
                "198.51.100.0",
                "198.51.100.255",
                "198.51.101.0",
            ),
            (
                "203.0.112.255",
                "203.0.113.0",
                "203.0.113.255",
                "203.0.114.0",
            ),
            ("223.255.255.255", "224.0.0.0", "255.255.255.255", ""),
            ("", "::", "::1", ""),
            ("2000:ffff::", "2001::", "2001:1ff:ffff::", "2001:200::"),
            (
                "2001:db7:ffff::",
                "2001:db8::",
                "2001:db8:ffff::",
                "2001:db9::",
            ),
            ("2001:ffff::", "2002::", "2002:ffff::", "2003::"),
            ("3ffe:ffff::", "3fff::", "3fff:fff::", "3fff:1000::"),
            ("", "64:ff9b::", "64:ff9b::ffff:ffff", ""),
            ("", "64:ff9b:1::", "64:ff9b:1:ffff::", ""),
            ("", "100::", "100::ffff", ""),
            ("", "fc00::", "fdff:ffff::", ""),
            ("", "fe80::", "febf:ffff::", ""),
            ("", "fec0::", "feff:ffff::", ""),
            ("", "ff00::", "ffff:ffff::", ""),
        ] {
            check(first, false);
            check(last, false);
            for neighbour in [before, after].iter().filter(|it| !it.is_empty()) {
                check(neighbour, true);
            }
        }
        check("8.8.8.8", true);
        check("2606:4700:4700::1111", true);
        check("169.254.169.254", false);
        // Addresses of IPv4 in disguise.
        check("::ffff:8.8.8.8", true);
        check("::ffff:10.0.0.1", false);
        check("::ffff:169.254.169.254", false);
        check("::127.0.0.1", false);
        check("64:ff9b::8.8.8.8", false);
        check("2002:7f00:1::", false);
    }
}
