//! Stands in for live capture on systems where there is none.

use crate::error::CaptureError;
use crate::link::LinkType;
use crate::live::LiveOptions;
use crate::packet::Packet;
use crate::source::{PacketSource, Resolution, Statistics, Step};

/// An interface of this machine.  Only on Linux; elsewhere it cannot be opened, and so never exists.
pub enum LiveSource {}

impl LiveSource {
    /// Says that live capture needs Linux and what to do instead.
    pub fn open(interface: &str, _options: &LiveOptions) -> Result<Self, CaptureError> {
        Err(CaptureError::Interface {
            interface: interface.to_owned(),
            what: format!(
                "capturing is only supported on Linux; pipe in a capture: tcpdump -i {interface} -U -w - | bro -r -"
            ),
            source: None,
        })
    }
}

impl PacketSource for LiveSource {
    fn advance(&mut self) -> Result<Step, CaptureError> {
        match *self {}
    }
    fn packet(&self) -> Option<Packet<'_>> {
        match *self {}
    }
    fn link_type(&self) -> Option<LinkType> {
        match *self {}
    }
    fn resolution(&self) -> Resolution {
        match *self {}
    }
    fn statistics(&mut self) -> Statistics {
        match *self {}
    }
    fn name(&self) -> &str {
        match *self {}
    }
}
