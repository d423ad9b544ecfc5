//! What the engine counts.

/// Counts of packets, flows and memory since the start; the source of `get_conn_stats` and its kin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Packets handed to the sessions
    pub packets: u64,
    /// Their bytes on the wire
    pub bytes: u64,
    /// Packets in which nothing was found to analyze
    pub unprocessed: u64,
    /// Connections there are, by [`Kind`]
    pub current: [u64; 4],
    /// The most there were at once
    pub most: [u64; 4],
    /// Connections there have been
    pub cumulative: [u64; 4],
    /// Connections removed because nothing happened on them
    pub killed_by_inactivity: u64,
    /// Connections refused because the table was full
    pub refused: u64,
    /// Fragments waiting for their kin, and the most there were
    pub fragments: u64,
    /// The most fragments that waited at once
    pub max_fragments: u64,
    /// Bytes held for reassembly of TCP streams
    pub reassembly_bytes: u64,
    /// TCP: times more data was acknowledged
    pub ack_events: u64,
    /// Bytes of data acknowledged
    pub ack_bytes: u64,
    /// TCP: times acknowledged data was missing
    pub gap_events: u64,
    /// Bytes missing
    pub gap_bytes: u64,
    /// Timers set now, at most, and ever
    pub timers: [u64; 3],
}

/// Kinds of connections, as counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// TCP
    Tcp = 0,
    /// UDP
    Udp = 1,
    /// ICMP and ICMPv6
    Icmp = 2,
    /// Any other IP protocol
    Other = 3,
}

impl Stats {
    pub(crate) fn created(&mut self, kind: Kind) {
        let k = kind as usize;
        self.cumulative[k] += 1;
        self.current[k] += 1;
        self.most[k] = self.most[k].max(self.current[k]);
    }

    pub(crate) fn removed(&mut self, kind: Kind) {
        self.current[kind as usize] -= 1;
    }
}
