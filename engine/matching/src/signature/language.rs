//! What a signature file says, as data.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Position;
use crate::automaton::Expression;

/// One `signature id { ... }`.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its name, unique among all signatures.
    pub id: String,
    /// Where the name stands.
    pub position: Position,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// What a match leads to.
    pub actions: Vec<Action>,
}

/// One condition.
#[derive(Clone, Debug)]
pub enum Condition {
    /// `src-ip`, `dst-ip`, `src-port`, `dst-port`, `ip-proto` or `header`.
    Header(HeaderTest),
    /// `payload /.../` and the like: the data in a context begins with what the expression matches.
    Content(Context, Expression),
    /// `requires-signature` or `requires-reverse-signature`.
    Requires(Requirement),
    /// `eval f`: script function `f` agrees.
    Eval(String),
    /// `payload-size op n`.
    PayloadSize(Comparison, u64),
    /// `same-ip`: source and destination address are equal.
    SameIp,
    /// `tcp-state`: all of these hold.
    TcpState(Vec<StateFlag>),
    /// `udp-state`: all of these hold.
    UdpState(Vec<StateFlag>),
    /// `ip-options`: the IPv4 header has one of these.
    IpOptions(Vec<IpOption>),
}

/// What kind of data a content condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Context {
    /// `payload`: raw payload of a stream or a packet.
    Payload,
    /// `http-request` (and `http`): the decoded URI.
    HttpRequest,
    /// `http-request-header`.
    HttpRequestHeader,
    /// `http-request-body`.
    HttpRequestBody,
    /// `http-reply-header`.
    HttpReplyHeader,
    /// `http-reply-body`.
    HttpReplyBody,
    /// `ftp`: commands.
    Ftp,
    /// `finger`: requests.
    Finger,
    /// `file-magic`: the beginning of a file.
    FileMagic,
}

impl Context {
    /// All contexts of network data, in the order of their numbers.
    pub const NETWORK: [Context; 8] = [
        Context::Payload,
        Context::HttpRequest,
        Context::HttpRequestHeader,
        Context::HttpRequestBody,
        Context::HttpReplyHeader,
        Context::HttpReplyBody,
        Context::Ftp,
        Context::Finger,
    ];

    /// The keyword.
    pub fn keyword(self) -> &'static str {
        match self {
            Context::Payload => "payload",
            Context::HttpRequest => "http-request",
            Context::HttpRequestHeader => "http-request-header",
            Context::HttpRequestBody => "http-request-body",
            Context::HttpReplyHeader => "http-reply-header",
            Context::HttpReplyBody => "http-reply-body",
            Context::Ftp => "ftp",
            Context::Finger => "finger",
            Context::FileMagic => "file-magic",
        }
    }
}

/// A comparison of a header field with values.
#[derive(Clone, Debug)]
pub struct HeaderTest {
    /// What is compared.
    pub field: HeaderField,
    /// How.
    pub comparison: Comparison,
    /// With `!=`, the field must differ from all; otherwise, the comparison must hold for one.
    pub values: Vec<TestValue>,
}

/// A field of the headers of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderField {
    /// `src-ip`.
    SourceAddress,
    /// `dst-ip`.
    DestinationAddress,
    /// `src-port`.
    SourcePort,
    /// `dst-port`.
    DestinationPort,
    /// `ip-proto`.
    Protocol,
    /// `header proto[offset:size] & mask`.
    Bytes {
        /// Which header.
        header: Header,
        /// Where in the header.
        offset: u32,
        /// 1, 2 or 4 bytes, most significant first.
        size: u8,
        /// Which bits.
        mask: u32,
    },
}

/// A header that `header` conditions look into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// IPv4.
    Ip,
    /// IPv6, the fixed header and what follows it.
    Ip6,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP.
    Icmp,
    /// ICMPv6.
    Icmp6,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// Compares a value with a range; a single value is a range of one.
    pub fn holds<T: PartialOrd>(self, value: &T, low: &T, high: &T) -> bool {
        match self {
            Comparison::Equal => low <= value && value <= high,
            Comparison::NotEqual => value < low || high < value,
            Comparison::Less => value < low,
            Comparison::LessOrEqual => value <= high,
            Comparison::Greater => value > high,
            Comparison::GreaterOrEqual => value >= low,
        }
    }
}

/// A value to compare with.
#[derive(Clone, Debug)]
pub enum TestValue {
    /// A range of integers, and the bits of the field to compare with it.
    Integer {
        /// The lowest.
        low: u64,
        /// The highest.
        high: u64,
        /// The bits of the field that count.
        mask: u32,
    },
    /// A range of addresses of one family.
    Address(Address),
    /// `ip` or `ip6` as a protocol, which restricts nothing: matching is on the innermost packet.
    AnyProtocol,
    /// A script variable, and where it stands.
    Name(String, Position),
}

/// A range of addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    low: IpAddr,
    high: IpAddr,
}

impl Address {
    /// From `low` to `high`. `None` if they are of different families or in the wrong order.
    pub fn range(low: IpAddr, high: IpAddr) -> Option<Address> {
        (low.is_ipv4() == high.is_ipv4() && low <= high).then_some(Address { low, high })
    }

    /// All addresses that share `length` leading bits with `address`. `None` if it has not as many.
    pub fn subnet(address: IpAddr, length: u8) -> Option<Address> {
        match address {
            IpAddr::V4(address) => {
                let host = u32::MAX.checked_shr(length.into()).unwrap_or(0);
                let bits = u32::from(address);
                (length <= 32).then(|| Address {
                    low: Ipv4Addr::from(bits & !host).into(),
                    high: Ipv4Addr::from(bits | host).into(),
                })
            }
            IpAddr::V6(address) => {
                let host = u128::MAX.checked_shr(length.into()).unwrap_or(0);
                let bits = u128::from(address);
                (length <= 128).then(|| Address {
                    low: Ipv6Addr::from(bits & !host).into(),
                    high: Ipv6Addr::from(bits | host).into(),
                })
            }
        }
    }

    /// Compares an address with the range. One of the other family is different, and neither less nor greater.
    pub fn compare(&self, comparison: Comparison, address: IpAddr) -> bool {
        if address.is_ipv4() == self.low.is_ipv4() {
            comparison.holds(&address, &self.low, &self.high)
        } else {
            comparison == Comparison::NotEqual
        }
    }
}

/// A dependency on another signature.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The other signature.
    pub id: String,
    /// It must match for the opposite direction; otherwise, for either.
    pub reverse: bool,
    /// It must not match, which is known when the connection ends.
    pub negated: bool,
    /// Where its name stands.
    pub position: Position,
}

/// A word of `tcp-state` or `udp-state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateFlag {
    /// The three-way handshake was completed.
    Established,
    /// The data is sent by the originator.
    Originator,
    /// The data is sent by the responder.
    Responder,
    /// No restriction.
    Stateless,
}

/// An option of the IPv4 header (RFC 791, section 3.1), by its type octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpOption(pub u8);

impl IpOption {
    /// The names and type octets.
    pub const NAMES: [(&'static str, u8); 9] = [
        ("eol", 0),
        ("nop", 1),
        ("rr", 7),
        ("ts", 68),
        ("sec", 130),
        ("lsrr", 131),
        ("satid", 136),
        ("ssrr", 137),
        ("rtralt", 148),
    ];
}

/// What a match leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `event "message"` or `event name ["message"]`.
    Event {
        /// The event to raise; `signature_match` if there is none.
        name: Option<String>,
        /// The message to raise it with.
        message: Option<Vec<u8>>,
    },
    /// `enable "analyzer"`.
    Enable(String),
    /// `file-mime "type" [, strength]`.
    Mime {
        /// The type.
        mime: String,
        /// Of several that match, the strongest wins; 0 if not given.
        strength: i64,
    },
}
