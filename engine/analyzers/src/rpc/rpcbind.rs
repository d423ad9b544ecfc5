//! Versions 3 and 4 of the portmapper, which are called rpcbind (RFC 1833, section 2): the same questions, with names of
//! transports and universal addresses where version 2 has numbers.

use super::portmapper::{Args, Mapping, TCP, UDP};
use super::xdr::Xdr;

/// Bytes of a transport's name, an address or an owner at most; servers have less.
const MAX_STRING: usize = 1024;
/// The longest arguments of a call for another program; a datagram has no more.
const MAX_ARGUMENTS: usize = 65535;

/// The number of a transport in IP, by its name; 0 if it has another.
fn protocol(netid: &[u8]) -> u32 {
    match netid {
        b"tcp" | b"tcp6" => TCP,
        b"udp" | b"udp6" => UDP,
        _ => 0,
    }
}

/// The port of a universal address (RFC 5665, section 5.2.3), whose last two numbers it is.  An empty one, which stands for
/// a program that is not there, and one that has no such end have port 0.
fn port(address: &[u8]) -> u32 {
    let mut parts = address.rsplit(|&byte| byte == b'.');
    let mut octet = || {
        let digits = std::str::from_utf8(parts.next()?).ok()?;
        digits.parse::<u8>().ok().map(u32::from)
    };
    match (octet(), octet()) {
        (Some(low), Some(high)) => high << 8 | low,
        _ => 0,
    }
}

/// A universal address in results, as its port.
pub fn address(data: &mut Xdr<'_>) -> Option<u32> {
    data.opaque(MAX_STRING).map(port)
}

/// A program at an address.
pub fn mapping(data: &mut Xdr<'_>) -> Option<Mapping> {
    let (program, version) = (data.u32()?, data.u32()?);
    let protocol = protocol(data.opaque(MAX_STRING)?);
    let port = address(data)?;
    // Its owner
    data.opaque(MAX_STRING)?;
    Some(Mapping {
        program,
        version,
        protocol,
        port,
    })
}

/// Arguments of a procedure, as the one of version 2 that does the same has them.
pub fn arguments(version: u32, procedure: u32, data: &mut Xdr<'_>) -> Option<Args> {
    Some(match (version, procedure) {
        (_, 0) => Args::Null,
        (_, 1) => Args::Set(mapping(data)?),
        (_, 2) => Args::Unset(mapping(data)?),
        // GETADDR, GETVERSADDR
        (_, 3) | (4, 9) => Args::GetPort(mapping(data)?),
        (_, 4) => Args::Dump,
        // CALLIT or BCAST, INDIRECT
        (_, 5) | (4, 10) => Args::CallIt {
            program: data.u32()?,
            version: data.u32()?,
            procedure: data.u32()?,
            size: data.opaque(MAX_ARGUMENTS)?.len() as u64,
        },
        _ => {
            data.skip();
            Args::Other
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_addresses() {
        assert_eq!(port(b"192.0.2.80.8.1"), 2049);
        assert_eq!(port(b"::1.0.111"), 111);
        for none in [
            b"".as_slice(),
            b"1",
            b"/run/rpcbind.sock",
            b"1.2.3.4.256.1",
            b"1.2.3.4.-1.1",
            b"\xff.\xff",
        ] {
            assert_eq!(port(none), 0);
        }
    }
}
