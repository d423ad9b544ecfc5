//! The system calls of a packet socket (packet(7)).
//!
//! This is one of the three places with `unsafe` code: the standard library has no packet sockets.  Each function wraps
//! one system call with arguments that live as long as the call.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use crate::filter::bpf::Instruction;

/// What the kernel says of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InterfaceInfo {
    pub index: i32,
    /// Hardware type (ARPHRD_...).
    pub hardware: u16,
    pub up: bool,
}

/// What the kernel counted since it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// Packets that passed the filter, dropped ones included.
    pub packets: u32,
    pub drops: u32,
}

/// What woke us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ready {
    pub readable: bool,
    pub failed: bool,
}

/// How much of a frame the socket delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// From the link header on.
    WithLinkHeader,
    /// From the network header on.
    WithoutLinkHeader,
}

pub(super) struct PacketSocket {
    fd: OwnedFd,
}

fn check(status: i32) -> io::Result<i32> {
    if status < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(status)
    }
}

/// What an interface of this name is like.
pub(super) fn interface_info(name: &str) -> io::Result<InterfaceInfo> {
    // Any socket will do to ask; this kind needs no rights.
    // SAFETY: takes numbers only; the descriptor is checked before it is owned.
    let socket = unsafe {
        OwnedFd::from_raw_fd(check(libc::socket(
            libc::AF_INET,
            libc::SOCK_DGRAM | libc::SOCK_CLOEXEC,
            0,
        ))?)
    };
    // SAFETY: a struct of numbers and bytes, for which zeros are valid.
    let mut request: libc::ifreq = unsafe { zeroed() };
    if name.is_empty() || name.len() >= request.ifr_name.len() || name.contains('\0') {
        return Err(io::Error::from_raw_os_error(libc::ENODEV));
    }
    for (place, byte) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *place = byte as libc::c_char;
    }
    let mut ask = |what: libc::c_ulong| {
        // SAFETY: these requests read the name from the struct and write their answer to it.
        check(unsafe { libc::ioctl(socket.as_raw_fd(), what as _, &mut request as *mut libc::ifreq) })?;
        Ok::<_, io::Error>(request)
    };
    // SAFETY (of the three reads): each reads the member of the union that its request has just written.
    let index = unsafe { ask(libc::SIOCGIFINDEX as _)?.ifr_ifru.ifru_ifindex };
    let hardware = unsafe { ask(libc::SIOCGIFHWADDR as _)?.ifr_ifru.ifru_hwaddr.sa_family };
    let flags = unsafe { ask(libc::SIOCGIFFLAGS as _)?.ifr_ifru.ifru_flags };
    Ok(InterfaceInfo {
        index,
        hardware,
        up: i32::from(flags) & libc::IFF_UP != 0,
    })
}

impl PacketSocket {
    /// Opens a socket that receives nothing until it is bound.
    pub fn open(kind: Kind) -> io::Result<Self> {
        let kind = match kind {
            Kind::WithLinkHeader => libc::SOCK_RAW,
            Kind::WithoutLinkHeader => libc::SOCK_DGRAM,
        };
        // SAFETY: takes numbers only; the descriptor is checked before it is owned.
        let fd = unsafe {
            let flags = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
            OwnedFd::from_raw_fd(check(libc::socket(libc::AF_PACKET, kind | flags, 0))?)
        };
        Ok(Self { fd })
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    fn set<T>(&self, level: i32, option: i32, value: &T) -> io::Result<()> {
        // SAFETY: the kernel reads as many bytes as `value` has, and keeps no pointer to it.  Callers pass the type
        // that the option is documented with.
        check(unsafe {
            libc::setsockopt(
                self.fd.as_raw_fd(),
                level,
                option,
                (value as *const T).cast::<c_void>(),
                size_of::<T>() as libc::socklen_t,
            )
        })
        .map(drop)
    }

    fn get<T: Copy>(&self, level: i32, option: i32, mut value: T) -> io::Result<T> {
        let mut len = size_of::<T>() as libc::socklen_t;
        // SAFETY: the kernel writes at most as many bytes as `value` has.  Callers pass a struct of numbers, the one
        // that the option is documented with.
        check(unsafe {
            libc::getsockopt(
                self.fd.as_raw_fd(),
                level,
                option,
                (&mut value as *mut T).cast::<c_void>(),
                &mut len,
            )
        })?;
        Ok(value)
    }

    /// Asks for a TPACKET_V3 ring with `headroom` bytes free before each packet.  The kernel hands over a block when it
    /// is full or `timeout` has passed since its first packet.
    pub fn request_ring(
        &self,
        block_size: usize,
        blocks: usize,
        headroom: u32,
        timeout: Duration,
    ) -> io::Result<()> {
        /// The kernel checks this value but does not use it in version 3.
        const FRAME_SIZE: u32 = 2048;
        let invalid = |_| io::Error::from(io::ErrorKind::InvalidInput);
        let block_size = u32::try_from(block_size).map_err(invalid)?;
        let blocks = u32::try_from(blocks).map_err(invalid)?;
        self.set(
            libc::SOL_PACKET,
            libc::PACKET_VERSION,
            &(libc::tpacket_versions::TPACKET_V3 as i32),
        )?;
        self.set(libc::SOL_PACKET, libc::PACKET_RESERVE, &headroom)?;
        let request = libc::tpacket_req3 {
            tp_block_size: block_size,
            tp_block_nr: blocks,
            tp_frame_size: FRAME_SIZE,
            tp_frame_nr: (block_size / FRAME_SIZE).saturating_mul(blocks),
            tp_retire_blk_tov: u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX),
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        self.set(libc::SOL_PACKET, libc::PACKET_RX_RING, &request)
    }

    /// Lets the kernel filter.
    pub fn attach_filter(&self, program: &[Instruction]) -> io::Result<()> {
        let mut code: Vec<libc::sock_filter> = program
            .iter()
            .map(|i| libc::sock_filter {
                code: i.code,
                jt: i.jump_true,
                jf: i.jump_false,
                k: i.k,
            })
            .collect();
        let len = u16::try_from(code.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        // The kernel copies the program; `code` lives until after the call.
        self.set(
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            &libc::sock_fprog {
                len,
                filter: code.as_mut_ptr(),
            },
        )
    }

    /// Starts to receive from an interface; index 0 is all of them.
    pub fn bind(&self, index: i32) -> io::Result<()> {
        // SAFETY: a struct of numbers, for which zeros are valid.
        let mut address: libc::sockaddr_ll = unsafe { zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
        address.sll_ifindex = index;
        // SAFETY: the kernel reads as many bytes as the address has.
        check(unsafe {
            libc::bind(
                self.fd.as_raw_fd(),
                (&address as *const libc::sockaddr_ll).cast(),
                size_of::<libc::sockaddr_ll>() as libc::socklen_t,
            )
        })
        .map(drop)
    }

    /// Lets the interface receive what is not addressed to it, while the socket is open.
    pub fn join_promiscuous(&self, index: i32) -> io::Result<()> {
        let request = libc::packet_mreq {
            mr_ifindex: index,
            mr_type: libc::PACKET_MR_PROMISC as u16,
            mr_alen: 0,
            mr_address: [0; 8],
        };
        self.set(libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &request)
    }

    /// The kernel's counters, which it sets to zero when asked.
    pub fn counters(&self) -> io::Result<Counters> {
        let empty = libc::tpacket_stats_v3 {
            tp_packets: 0,
            tp_drops: 0,
            tp_freeze_q_cnt: 0,
        };
        let stats = self.get(libc::SOL_PACKET, libc::PACKET_STATISTICS, empty)?;
        Ok(Counters {
            packets: stats.tp_packets,
            drops: stats.tp_drops,
        })
    }

    /// The error that is pending on the socket, which is cleared.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        let code = self.get(libc::SOL_SOCKET, libc::SO_ERROR, 0i32)?;
        Ok((code != 0).then(|| io::Error::from_raw_os_error(code)))
    }

    /// Waits until there is something to read, there is an error, the time is over, or a signal came.
    pub fn poll(&self, timeout: Duration) -> io::Result<Ready> {
        let mut request = libc::pollfd {
            fd: self.fd.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        let timeout = i32::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX);
        // SAFETY: one struct, which lives as long as the call.
        match check(unsafe { libc::poll(&mut request, 1, timeout) }) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(Ready::default()),
            Err(error) => return Err(error),
        }
        Ok(Ready {
            readable: request.revents & libc::POLLIN != 0,
            failed: request.revents & (libc::POLLERR | libc::POLLHUP | libc::POLLNVAL) != 0,
        })
    }
}
