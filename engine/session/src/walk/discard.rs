//! Packets that policy does not want: the functions `discarder_check_…` of scripts are asked before anything else is
//! done with a packet.  Each packet enters the interpreter then, so they are for sites that lose much more otherwise.

use bro_decode::net::ip::IpView;
use bro_decode::protocol::ip as proto;
use bro_decode::transport::{tcp, udp};
use bro_events::{Question, Questions};

use super::headers;
use crate::sessions::{Io, Sessions};

impl Sessions {
    /// Whether an IP packet, a fragment or a whole one, is discarded.
    #[cold]
    pub(super) fn discards_ip(&self, io: &mut Io<'_>, view: &IpView<'_>) -> bool {
        self.questions.has(Question::DiscardIp)
            && io.sink.ask(Question::DiscardIp, vec![headers::pkt_hdr(view)]) == Some(true)
    }

    /// Whether a packet is discarded because of what it carries.  One whose transport header cannot be read is not.
    pub(super) fn discards_transport(&self, io: &mut Io<'_>, view: &IpView<'_>) -> bool {
        if self.questions == Questions::default() {
            return false;
        }
        let (question, payload) = match (view.protocol, view.version) {
            (proto::TCP, _) => match tcp::parse(view.payload) {
                Ok(header) => (Question::DiscardTcp, Some(header.payload)),
                Err(_) => return false,
            },
            (proto::UDP, _) => match udp::parse(view.payload) {
                Ok(header) => (Question::DiscardUdp, Some(header.payload)),
                Err(_) => return false,
            },
            (proto::ICMP, 4) | (proto::ICMPV6, 6) => (Question::DiscardIcmp, None),
            _ => return false,
        };
        if !self.questions.has(question) {
            return false;
        }
        let mut args = vec![headers::pkt_hdr(view)];
        if let Some(payload) = payload {
            let most = usize::try_from(self.options.discarder_maxlen).unwrap_or(usize::MAX);
            let data = payload.data();
            args.push(data[..data.len().min(most)].into());
        }
        io.sink.ask(question, args) == Some(true)
    }
}
