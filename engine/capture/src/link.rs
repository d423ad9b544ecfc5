//! Link types.  Capture files and the programming interface of libpcap number them differently in a few places, because
//! some BSDs had given one number to different things; here the numbers of the interface ("DLT") are used throughout
//! and those of files ("LINKTYPE") only at the edge.

use std::fmt;

/// What a captured packet starts with: a DLT number, as libpcap on Linux uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u32);

/// (number in files, DLT) of the types where the two differ.  All others have one number.
const DIFFERENT: [(u32, u32); 5] = [
    (100, 11), // ATM_RFC1483
    (101, 12), // RAW
    (102, 15), // SLIP_BSDOS
    (103, 16), // PPP_BSDOS
    (106, 19), // ATM_CLIP
];

/// DLT, short name, what it is.
const NAMES: &[(LinkType, &str, &str)] = &[
    (LinkType::NULL, "NULL", "BSD loopback"),
    (LinkType::ETHERNET, "EN10MB", "Ethernet"),
    (LinkType(6), "IEEE802", "Token Ring"),
    (LinkType(8), "SLIP", "SLIP"),
    (LinkType::PPP, "PPP", "PPP"),
    (LinkType(10), "FDDI", "FDDI"),
    (LinkType(11), "ATM_RFC1483", "RFC 1483 IP over ATM"),
    (LinkType::RAW, "RAW", "raw IP"),
    (LinkType::PPP_SERIAL, "PPP_SERIAL", "PPP over serial"),
    (LinkType::PPP_ETHER, "PPP_ETHER", "PPPoE session"),
    (LinkType::C_HDLC, "C_HDLC", "Cisco HDLC"),
    (LinkType::IEEE802_11, "IEEE802_11", "802.11"),
    (LinkType(107), "FRELAY", "Frame Relay"),
    (LinkType::LOOP, "LOOP", "OpenBSD loopback"),
    (LinkType::LINUX_SLL, "LINUX_SLL", "Linux cooked v1"),
    (LinkType(117), "PFLOG", "OpenBSD pf log"),
    (LinkType(119), "PRISM_HEADER", "802.11 with Prism header"),
    (
        LinkType::IEEE802_11_RADIO,
        "IEEE802_11_RADIO",
        "802.11 with radiotap header",
    ),
    (LinkType(163), "IEEE802_11_RADIO_AVS", "802.11 with AVS header"),
    (LinkType(187), "BLUETOOTH_HCI_H4", "Bluetooth HCI"),
    (LinkType(189), "USB_LINUX", "Linux USB"),
    (LinkType(192), "PPI", "per-packet information"),
    (LinkType(195), "IEEE802_15_4_WITHFCS", "802.15.4 with FCS"),
    (LinkType::IPV4, "IPV4", "raw IPv4"),
    (LinkType::IPV6, "IPV6", "raw IPv6"),
    (LinkType(230), "IEEE802_15_4_NOFCS", "802.15.4 without FCS"),
    (LinkType::NFLOG, "NFLOG", "Linux netfilter log"),
    (LinkType::LINUX_SLL2, "LINUX_SLL2", "Linux cooked v2"),
];

impl LinkType {
    /// BSD loopback: an address family in the byte order of the capturing host (0).
    pub const NULL: Self = Self(0);
    /// Ethernet, also Linux's loopback interface (1).
    pub const ETHERNET: Self = Self(1);
    /// PPP without a link header (9).
    pub const PPP: Self = Self(9);
    /// An IPv4 or IPv6 packet without any link header (12; 101 in files).
    pub const RAW: Self = Self(12);
    /// PPP in HDLC-like framing, RFC 1662 (50).
    pub const PPP_SERIAL: Self = Self(50);
    /// A PPPoE session's packets, RFC 2516 (51).
    pub const PPP_ETHER: Self = Self(51);
    /// Cisco HDLC (104).
    pub const C_HDLC: Self = Self(104);
    /// 802.11 frames without a radio header (105).
    pub const IEEE802_11: Self = Self(105);
    /// OpenBSD loopback: an address family in network byte order (108).
    pub const LOOP: Self = Self(108);
    /// Linux "cooked" capture, version 1 (113).
    pub const LINUX_SLL: Self = Self(113);
    /// 802.11 frames after a radiotap header (127).
    pub const IEEE802_11_RADIO: Self = Self(127);
    /// An IPv4 packet without link header (228).
    pub const IPV4: Self = Self(228);
    /// An IPv6 packet without link header (229).
    pub const IPV6: Self = Self(229);
    /// Packets logged by Linux's netfilter (239).
    pub const NFLOG: Self = Self(239);
    /// Linux "cooked" capture, version 2 (276).
    pub const LINUX_SLL2: Self = Self(276);

    /// The type that has this number in capture files.
    pub fn from_file(number: u32) -> Self {
        Self(
            DIFFERENT
                .iter()
                .find(|(file, _)| *file == number)
                .map_or(number, |(_, dlt)| *dlt),
        )
    }

    /// The number that this type has in capture files.
    pub fn to_file(self) -> u32 {
        DIFFERENT
            .iter()
            .find(|(_, dlt)| *dlt == self.0)
            .map_or(self.0, |(file, _)| *file)
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(link, ..)| link == self) {
            Some((_, name, what)) => write!(f, "{name} ({what})"),
            None => write!(f, "link type {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_files_map_to_dlts_and_back() {
        for (file, dlt) in [
            (1, 1),
            (100, 11),
            (101, 12),
            (102, 15),
            (103, 16),
            (106, 19),
            (113, 113),
            (276, 276),
        ] {
            assert_eq!(LinkType::from_file(file), LinkType(dlt));
            assert_eq!(LinkType(dlt).to_file(), file);
        }
        // Some writers store the DLT of raw IP instead of the number that files have for it.
        assert_eq!(LinkType::from_file(12), LinkType::RAW);
    }

    #[test]
    fn names_are_for_people() {
        assert_eq!(LinkType::ETHERNET.to_string(), "EN10MB (Ethernet)");
        assert_eq!(LinkType(9999).to_string(), "link type 9999");
    }
}
