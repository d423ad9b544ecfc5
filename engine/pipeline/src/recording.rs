//! The packet at hand, as policy can look at it, and the captures that policy writes packets to.

use std::collections::HashMap;

use bro_capture::{CaptureError, DumpOptions, Dumper, LinkType, Packet, Timestamp};

/// Captures that policy writes at the same time; each has a file and a buffer.
const MOST_DUMPS: usize = 100;

/// A packet that was copied out of its source.
#[derive(Debug, Default)]
pub struct Shown {
    ts: Timestamp,
    data: Vec<u8>,
    original_len: u32,
    link_type: u32,
    present: bool,
}

impl Shown {
    /// Keeps a packet.
    pub fn show(&mut self, packet: &Packet<'_>) {
        self.ts = packet.ts;
        self.data.clear();
        self.data.extend_from_slice(packet.captured);
        self.original_len = packet.original_len;
        self.link_type = packet.link_type.0;
        self.present = true;
    }

    /// Forgets it.
    pub fn hide(&mut self) {
        self.present = false;
    }

    /// The packet, if one is being processed.
    pub fn packet(&self) -> Option<Packet<'_>> {
        let link_type = LinkType(self.link_type);
        let packet = Packet {
            original_len: self.original_len,
            ..Packet::new(self.ts, &self.data, link_type)
        };
        self.present.then_some(packet)
    }
}

/// The packet at hand and the captures that are being written.
#[derive(Default)]
pub struct Recording {
    /// The packet at hand
    pub shown: Shown,
    dumps: HashMap<String, Dumper>,
}

impl Recording {
    /// Writes the packet at hand to a capture.
    ///
    /// # Errors
    /// Why that cannot be done.
    pub fn dump_shown(&mut self, path: &str) -> Result<(), String> {
        let Recording { shown, dumps } = self;
        let packet = shown.packet().ok_or("no packet is being processed")?;
        write(dumps, path, &packet)
    }

    /// Writes a packet to a capture: made, or replaced, by the first packet of this run that is written to it.
    ///
    /// # Errors
    /// Why that cannot be done.
    pub fn dump(&mut self, path: &str, packet: &Packet<'_>) -> Result<(), String> {
        write(&mut self.dumps, path, packet)
    }

    /// Ends all captures; what went wrong.
    pub fn finish(&mut self) -> Vec<CaptureError> {
        self.dumps
            .drain()
            .filter_map(|(_, dumper)| dumper.finish().err())
            .collect()
    }
}

fn write(dumps: &mut HashMap<String, Dumper>, path: &str, packet: &Packet<'_>) -> Result<(), String> {
    if !dumps.contains_key(path) {
        if dumps.len() >= MOST_DUMPS {
            return Err(format!(
                "{path}: scripts write {MOST_DUMPS} captures already, which is the most there can be"
            ));
        }
        let dumper = Dumper::create(path, DumpOptions::default()).map_err(|error| error.to_string())?;
        dumps.insert(path.to_owned(), dumper);
    }
    let Some(dumper) = dumps.get_mut(path) else {
        return Ok(());
    };
    dumper.write(packet).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_shown_until_it_is_hidden() {
        let mut shown = Shown::default();
        assert!(shown.packet().is_none());
        let packet = Packet::new(Timestamp::from_nanos(5), b"abc", LinkType::ETHERNET);
        shown.show(&packet);
        assert_eq!(shown.packet(), Some(packet));
        shown.hide();
        assert!(shown.packet().is_none());
    }
}
