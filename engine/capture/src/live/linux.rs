//! Capturing on Linux, with a packet socket and a ring of blocks shared with the kernel.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use super::frame::{self, Frame};
use super::ring::Ring;
use super::socket::{interface_info, InterfaceInfo, Kind, PacketSocket};
use super::LiveOptions;
use crate::error::CaptureError;
use crate::file::MAX_CAPTURED;
use crate::filter::bpf::{Instruction, Program};
use crate::filter::Filter;
use crate::link::LinkType;
use crate::packet::Packet;
use crate::source::{PacketSource, Resolution, Statistics, Step};

/// Size of a block.  Larger than any frame, so that none is cut by it.
const BLOCK_SIZE: usize = 1024 * 1024;

/// Blocks of a ring: at least enough that the kernel can fill while we read, at most what the kernel can map.
const BLOCKS: std::ops::RangeInclusive<usize> = 4..=16 * 1024;

/// How long the kernel keeps a block that is not full.
const BLOCK_TIMEOUT: Duration = Duration::from_millis(20);

/// Longest program that the kernel takes.
const MAX_KERNEL_PROGRAM: usize = 4096;

/// Network protocols that a raw IP packet can be.
const ETHERTYPE_IPV4: u16 = 0x0800;
const ETHERTYPE_IPV6: u16 = 0x86dd;

/// Hardware types (linux/if_arp.h) whose frames are delivered with their link header.
const ARPHRD_ETHER: u16 = 1;
const ARPHRD_LOOPBACK: u16 = 772;
const ARPHRD_IEEE80211: u16 = 801;
const ARPHRD_IEEE80211_PRISM: u16 = 802;
const ARPHRD_IEEE80211_RADIOTAP: u16 = 803;

/// Name that stands for all interfaces.
const ANY: &str = "any";

/// How frames of a hardware type are captured.  Everything that is not known to have one of the common link headers is
/// captured without it, as raw IP: tunnels, PPP and the like carry nothing else that matters here.
fn link_type(hardware: u16) -> (LinkType, Kind) {
    let link_type = match hardware {
        ARPHRD_ETHER | ARPHRD_LOOPBACK => LinkType::ETHERNET,
        ARPHRD_IEEE80211 => LinkType::IEEE802_11,
        ARPHRD_IEEE80211_PRISM => LinkType(119),
        ARPHRD_IEEE80211_RADIOTAP => LinkType::IEEE802_11_RADIO,
        _ => return (LinkType::RAW, Kind::WithoutLinkHeader),
    };
    (link_type, Kind::WithLinkHeader)
}

/// The mark (`SO_MARK`) of packets that this program sends itself, such as resets; `bro/wire/raw.py` has it as well.
const OWN_MARK: u32 = 0x0042_524f;

/// Drops packets with that mark: they are not traffic of those in whose name they are sent.  Loads the mark, which the
/// kernel has at this place (`SKF_AD_OFF + SKF_AD_MARK`), skips a step unless it is that, drops.
const OWN: [Instruction; 3] = [
    instruction(0x20, 0, 0xffff_f000 + 20),
    instruction(0x15, 1, OWN_MARK),
    instruction(0x06, 0, 0),
];

const fn instruction(code: u16, jump_false: u8, k: u32) -> Instruction {
    Instruction {
        code,
        jump_true: 0,
        jump_false,
        k,
    }
}

/// A program that drops own packets and leaves the decision on others to another program.
fn but_own(program: &[Instruction]) -> Vec<Instruction> {
    OWN.iter().chain(program).copied().collect()
}

/// Whether the kernel would decide otherwise than a filter that sees the frame as it was on the link: it filters before
/// the VLAN tag, which the card took out, is put back.
fn must_see_vlan_tag(expression: &str) -> bool {
    expression
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| word == "vlan")
}

/// An interface of this machine.
///
/// The packets are read in place, in memory shared with the kernel.  VLAN tags that the network card took out are put
/// back.  Packets of the loopback interface, which the kernel shows twice, are delivered once.  The name `any` captures
/// the IP packets of all interfaces.
pub struct LiveSource {
    name: String,
    index: i32,
    loopback: Option<i32>,
    link_type: LinkType,
    kind: Kind,
    socket: PacketSocket,
    ring: Ring,
    /// The block being read, or the next one if `left` is none.
    block: usize,
    /// Frames left in the block, and the offset of the next one.
    left: Option<(u32, usize)>,
    current: Option<Frame>,
    /// A filter that cannot be run by the kernel.
    filter: Option<Filter>,
    received: u64,
    bytes: u64,
    filtered: u64,
    link: u64,
    dropped: u64,
    /// The kernel has said that the interface went down, which it says once.
    down: bool,
    /// After an error that cannot be got over.
    ended: bool,
}

impl LiveSource {
    /// Starts to capture.
    ///
    /// # Errors
    ///
    /// The interface is not there or down, the rights are missing, the filter is not valid, or there is not enough
    /// memory for the buffer.
    pub fn open(interface: &str, options: &LiveOptions) -> Result<Self, CaptureError> {
        let fail = |what: &str, source: io::Error| CaptureError::Interface {
            interface: interface.to_owned(),
            what: format!("{what}: {source}"),
            source: Some(source),
        };
        let info = match interface {
            ANY => InterfaceInfo {
                index: 0,
                hardware: u16::MAX,
                up: true,
            },
            _ => interface_info(interface).map_err(|e| missing(interface, e))?,
        };
        if !info.up {
            return Err(CaptureError::Interface {
                interface: interface.to_owned(),
                what: format!("it is down; bring it up with \"ip link set {interface} up\""),
                source: None,
            });
        }
        let (link_type, kind) = link_type(info.hardware);
        let snaplen = options.snaplen.clamp(1, MAX_CAPTURED);
        let filter = match options.filter.as_deref().filter(|f| !f.trim().is_empty()) {
            Some(expression) => Some(Filter::compile(expression, link_type, snaplen)?),
            None => None,
        };

        let socket = PacketSocket::open(kind).map_err(|e| denied(interface, e))?;
        let blocks = (options.buffer_size / BLOCK_SIZE).clamp(*BLOCKS.start(), *BLOCKS.end());
        socket
            .request_ring(BLOCK_SIZE, blocks, frame::VLAN_TAG as u32, BLOCK_TIMEOUT)
            .map_err(|e| fail(&format!("cannot get a capture buffer of {blocks} MiB"), e))?;
        let ring = Ring::map(socket.fd(), BLOCK_SIZE, blocks)
            .map_err(|e| fail(&format!("cannot map the capture buffer of {blocks} MiB"), e))?;

        // The filter is in place before the first packet can come.  Without one, a program that accepts everything
        // makes the kernel cut packets to the snapshot length.
        let (in_kernel, filter) = match filter {
            Some(f)
                if must_see_vlan_tag(f.expression())
                    || f.program().instructions().len() + OWN.len() > MAX_KERNEL_PROGRAM =>
            {
                (Program::accept_all(snaplen), Some(f))
            }
            Some(f) => (f.program().clone(), None),
            None => (Program::accept_all(snaplen), None),
        };
        socket
            .attach_filter(&but_own(in_kernel.instructions()))
            .map_err(|e| fail("the kernel does not accept the filter", e))?;
        socket.bind(info.index).map_err(|e| fail("cannot listen", e))?;
        if options.promiscuous && info.index != 0 {
            socket
                .join_promiscuous(info.index)
                .map_err(|e| fail("cannot switch to promiscuous mode", e))?;
        }
        let loopback = match interface_info("lo") {
            Ok(lo) if lo.hardware == ARPHRD_LOOPBACK => Some(lo.index),
            _ if info.hardware == ARPHRD_LOOPBACK => Some(info.index),
            _ => None,
        };
        Ok(Self {
            name: interface.to_owned(),
            index: info.index,
            loopback,
            link_type,
            kind,
            socket,
            ring,
            block: 0,
            left: None,
            current: None,
            filter,
            received: 0,
            bytes: 0,
            filtered: 0,
            link: 0,
            dropped: 0,
            down: false,
            ended: false,
        })
    }

    /// The next frame of the ring that is to be delivered.
    fn next_frame(&mut self) -> Option<Frame> {
        loop {
            match self.left {
                None => {
                    self.left = Some(frame::block_header(self.ring.block(self.block)?)?);
                }
                Some((0, _)) => {
                    self.ring.release(self.block);
                    self.block = (self.block + 1) % self.ring.blocks();
                    self.left = None;
                }
                Some((frames, at)) => {
                    let Some(frame) = self.ring.block(self.block).and_then(|b| Frame::read(b, at)) else {
                        // The kernel does not write such a block; what is left of it is given up.
                        self.left = Some((0, at));
                        continue;
                    };
                    self.left = Some((frames - 1, at.saturating_add(frame.next)));
                    if let Some(frame) = self.admit(frame) {
                        return Some(frame);
                    }
                }
            }
        }
    }

    /// Decides whether a frame is delivered, and puts its VLAN tag back.
    fn admit(&mut self, mut frame: Frame) -> Option<Frame> {
        if frame.outgoing && Some(frame.interface) == self.loopback {
            return None; // comes again as an incoming one
        }
        match self.kind {
            Kind::WithoutLinkHeader if !matches!(frame.protocol, ETHERTYPE_IPV4 | ETHERTYPE_IPV6) => {
                return None
            }
            Kind::WithLinkHeader if self.link_type == LinkType::ETHERNET && frame.vlan.is_some() => {
                frame.restore_vlan(self.ring.block_mut(self.block)?);
            }
            _ => {}
        }
        if let Some(filter) = &self.filter {
            let packet = self.view(&frame)?;
            if !filter.accepts(&packet) {
                self.filtered += 1;
                return None;
            }
        }
        Some(frame)
    }

    fn view(&self, frame: &Frame) -> Option<Packet<'_>> {
        Some(Packet {
            ts: frame.ts,
            captured: self
                .ring
                .block(self.block)?
                .get(frame.start..frame.start + frame.captured)?,
            original_len: frame.original_len,
            link_type: self.link_type,
            interface: 0,
            checksum_pending: frame.checksum_pending,
        })
    }

    /// Looks whether the socket has failed.  An interface that went down can come up again; one that is gone is an
    /// error.
    fn check(&mut self, timeout: Duration) -> Result<(), CaptureError> {
        let error = match self.socket.poll(timeout) {
            Ok(ready) if !ready.failed => None,
            Ok(_) => self.socket.take_error().unwrap_or_else(Some),
            Err(error) => Some(error),
        };
        // An interface that is removed goes down first, and only that is an error of the socket: whether it is gone has
        // to be asked for until it is up again.
        self.down |= error.is_some();
        if self.down && self.index != 0 {
            match interface_info(&self.name) {
                Ok(info) if info.index == self.index => self.down = !info.up,
                Err(e) if e.raw_os_error() != Some(libc::ENODEV) => {} // could not ask; the next time will tell
                _ => return Err(self.end("it is gone; no more packets come from it".into(), error)),
            }
        }
        match error {
            Some(e) if e.raw_os_error() != Some(libc::ENETDOWN) => {
                Err(self.end(format!("capturing failed: {e}"), Some(e)))
            }
            _ => Ok(()),
        }
    }

    /// Nothing more is captured; the error says why.
    fn end(&mut self, what: String, source: Option<io::Error>) -> CaptureError {
        self.ended = true;
        CaptureError::Interface {
            interface: self.name.clone(),
            what,
            source,
        }
    }
}

impl PacketSource for LiveSource {
    fn advance(&mut self) -> Result<Step, CaptureError> {
        self.current = None;
        if self.ended {
            return Ok(Step::End);
        }
        match self.next_frame() {
            Some(frame) => {
                self.received += 1;
                self.bytes += frame.captured as u64;
                self.current = Some(frame);
                Ok(Step::Packet)
            }
            None => {
                self.check(Duration::ZERO)?;
                Ok(Step::Pending)
            }
        }
    }

    fn packet(&self) -> Option<Packet<'_>> {
        self.view(self.current.as_ref()?)
    }

    fn wait(&mut self, timeout: Duration) -> Result<(), CaptureError> {
        if self.ended || self.left.is_some() || self.ring.is_ours(self.block) {
            return Ok(());
        }
        self.check(timeout)
    }

    fn link_type(&self) -> Option<LinkType> {
        Some(self.link_type)
    }

    fn resolution(&self) -> Resolution {
        Resolution::Nano
    }

    fn is_live(&self) -> bool {
        true
    }

    fn statistics(&mut self) -> Statistics {
        // The kernel starts from zero each time it is asked.  If it does not answer, the last values stay.
        if let Ok(counters) = self.socket.counters() {
            self.link += u64::from(counters.packets);
            self.dropped += u64::from(counters.drops);
        }
        Statistics {
            received: self.received,
            bytes: self.bytes,
            filtered: self.filtered,
            link: Some(self.link),
            dropped: Some(self.dropped),
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// An interface that is not there; says which ones are.
fn missing(interface: &str, source: io::Error) -> CaptureError {
    let what = if source.raw_os_error() == Some(libc::ENODEV) {
        let names: BTreeSet<String> = std::fs::read_dir("/sys/class/net")
            .map(|list| {
                list.flatten()
                    .map(|e| e.file_name().to_string_lossy().into_owned())
                    .collect()
            })
            .unwrap_or_default();
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        format!("there is no interface of this name; there are: {names}")
    } else {
        format!("cannot be used: {source}")
    };
    CaptureError::Interface {
        interface: interface.to_owned(),
        what,
        source: Some(source),
    }
}

/// A socket that could not be opened, mostly for want of rights.
fn denied(interface: &str, source: io::Error) -> CaptureError {
    let what = match source.kind() {
        io::ErrorKind::PermissionDenied => {
            "capturing is not permitted; run as root, or give the program that runs \
             this (for example the Python interpreter) the right to it: \
             \"setcap cap_net_raw,cap_net_admin=eip PROGRAM\""
                .to_owned()
        }
        _ => format!("cannot open a packet socket: {source}"),
    };
    CaptureError::Interface {
        interface: interface.to_owned(),
        what,
        source: Some(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardware_types_map_to_link_types() {
        assert_eq!(
            link_type(ARPHRD_ETHER),
            (LinkType::ETHERNET, Kind::WithLinkHeader)
        );
        assert_eq!(
            link_type(ARPHRD_LOOPBACK),
            (LinkType::ETHERNET, Kind::WithLinkHeader)
        );
        assert_eq!(link_type(0xfffe), (LinkType::RAW, Kind::WithoutLinkHeader));
        // tun
    }

    #[test]
    fn filters_on_vlan_tags_are_recognised() {
        for expression in ["vlan", "vlan 7 and tcp", "tcp and(vlan)", "not vlan"] {
            assert!(must_see_vlan_tag(expression), "{expression}");
        }
        for expression in ["tcp port 80", "host vlans", ""] {
            assert!(!must_see_vlan_tag(expression), "{expression}");
        }
    }

    #[test]
    fn a_missing_interface_is_explained() {
        let error = LiveSource::open("nonexistent0", &LiveOptions::default())
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("interface nonexistent0: there is no interface of this name"),
            "{error}"
        );
        assert!(LiveSource::open("a name that is far too long", &LiveOptions::default()).is_err());
    }

    #[test]
    fn missing_rights_are_explained() {
        let error = denied("eth0", io::Error::from_raw_os_error(libc::EPERM)).to_string();
        assert!(error.contains("cap_net_raw,cap_net_admin=eip"), "{error}");
    }
}
