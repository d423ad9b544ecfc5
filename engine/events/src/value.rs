//! Values as the engine makes them: Bro's types without Python.

use std::net::IpAddr;

use crate::{ConnId, FileId};

/// A transport protocol as it appears in a port (`80/tcp`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Transport {
    /// Neither of the others.
    Unknown = 0,
    /// TCP (RFC 9293).
    Tcp = 1,
    /// UDP (RFC 768).
    Udp = 2,
    /// ICMP and ICMPv6, where a port holds type or code.
    Icmp = 3,
}

impl Transport {
    /// The value of the Bro enum `transport_proto`.
    pub fn enum_name(self) -> &'static str {
        match self {
            Transport::Unknown => "unknown_transport",
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
            Transport::Icmp => "icmp",
        }
    }
}

/// The shape of a record the engine makes: the leading fields of the Bro record of that name, in declared order.
/// Scripts may add fields behind them with `redef record`.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordDef {
    /// The record type's full name, such as `dns_msg`.
    pub name: &'static str,
    /// Names of the fields the engine sets, in declared order.
    pub fields: &'static [&'static str],
}

/// Declares record shapes as statics, and `RECORDS`, the list of them:
///
/// ```
/// bro_events::records! { MIME_MATCH = "mime_match" { strength, mime }; }
/// assert_eq!(MIME_MATCH.fields, ["strength", "mime"]);
/// ```
#[macro_export]
macro_rules! records {
    ($($(#[$doc:meta])* $ident:ident = $name:literal { $($field:ident),* $(,)? };)*) => {
        $(
            $(#[$doc])*
            pub static $ident: $crate::RecordDef =
                $crate::RecordDef { name: $name, fields: &[$($crate::field_name!($field)),*] };
        )*
        /// All record shapes declared here.
        pub static RECORDS: &[&$crate::RecordDef] = &[$(&$ident),*];
    };
}

/// A field's name; `r#type` stands for `type`.
#[doc(hidden)]
#[macro_export]
macro_rules! field_name {
    ($field:ident) => {{
        const NAME: &str = stringify!($field);
        $crate::value::without_raw_prefix(NAME)
    }};
}

/// Strips the `r#` of a raw identifier, at compile time.
#[doc(hidden)]
pub const fn without_raw_prefix(name: &'static str) -> &'static str {
    // `split_at` of a `str` is not for constants yet in the oldest compiler we build with.
    if let [b'r', b'#', rest @ ..] = name.as_bytes() {
        match std::str::from_utf8(rest) {
            Ok(rest) => rest,
            Err(_) => name,
        }
    } else {
        name
    }
}

/// A value on its way from the engine to policy.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// An optional field or element that has no value.
    #[default]
    Unset,
    /// `bool`
    Bool(bool),
    /// `count`
    Count(u64),
    /// `int`
    Int(i64),
    /// `double`
    Double(f64),
    /// `time`, seconds since 1970
    Time(f64),
    /// `interval`, seconds
    Interval(f64),
    /// `string`
    Str(Vec<u8>),
    /// `string` that is a constant of the engine
    Text(&'static str),
    /// `addr`
    Addr(IpAddr),
    /// `subnet`
    Subnet(IpAddr, u8),
    /// `port`
    Port(u16, Transport),
    /// A value of an enum by its full name (`Tunnel::VXLAN`, `tcp`)
    Enum(&'static str),
    /// A record; values in the order of the shape, the rest of the fields unset or default
    Record(&'static RecordDef, Vec<Value>),
    /// `vector of …`
    Vector(Vec<Value>),
    /// `set[…]`; a compound index is a [`Value::Vector`]
    Set(Vec<Value>),
    /// `table[…] of …`
    Table(Vec<(Value, Value)>),
    /// The record of a connection; its volatile fields were handed over before (see [`crate::EventSink::conn_update`])
    Conn(ConnId),
    /// The record of a file under analysis
    File(FileId),
}

impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Value::Bool(v)
    }
}
impl From<u64> for Value {
    fn from(v: u64) -> Self {
        Value::Count(v)
    }
}
impl From<u32> for Value {
    fn from(v: u32) -> Self {
        Value::Count(u64::from(v))
    }
}
impl From<u16> for Value {
    fn from(v: u16) -> Self {
        Value::Count(u64::from(v))
    }
}
impl From<u8> for Value {
    fn from(v: u8) -> Self {
        Value::Count(u64::from(v))
    }
}
impl From<&[u8]> for Value {
    fn from(v: &[u8]) -> Self {
        Value::Str(v.to_vec())
    }
}
impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Value::Str(v)
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Value::Str(v.into_bytes())
    }
}
impl From<&'static str> for Value {
    fn from(v: &'static str) -> Self {
        Value::Text(v)
    }
}
impl From<IpAddr> for Value {
    fn from(v: IpAddr) -> Self {
        Value::Addr(v)
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Unset, Into::into)
    }
}
