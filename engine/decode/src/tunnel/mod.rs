//! Tunnels: protocols whose payload is another packet.
//!
//! Each decoder takes the payload of IP or UDP and returns its header with the [`Inner`] packet, at which decoding
//! goes on with [`Inner::decode`]. Whether a port or a protocol number leads to a decoder is the caller's affair,
//! as is how deep tunnels may nest.
//!
//! An error that is a violation says that the bytes are not of the tunnel's protocol after all; others are weirds.

pub mod ayiya;
pub mod erspan;
pub mod geneve;
pub mod gre;
pub mod gtp;
pub mod gtp_elements;
pub mod ip_in_ip;
pub mod teredo;
pub mod vxlan;

use crate::link::{self, Frame, Link};
use crate::{Malformed, Snap};

/// The packet that a tunnel carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inner<'a> {
    /// What it begins with.
    pub link: Link,
    /// Its bytes.
    pub payload: Snap<'a>,
}

impl<'a> Inner<'a> {
    /// Decodes the packet down to its network layer.
    #[inline]
    pub fn decode(&self) -> Result<Frame<'a>, Malformed> {
        link::decode(self.link, self.payload)
    }
}
