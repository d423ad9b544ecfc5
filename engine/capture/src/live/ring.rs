//! The ring of packet blocks that the kernel and this process share (TPACKET_V3).
//!
//! This is one of the three places with `unsafe` code: the memory is mapped from the kernel, which writes to it.  The
//! rule that makes it sound: a block belongs either to the kernel or to us, as its status word says, and the kernel
//! does not touch a block that is ours.  So slices are only made of blocks that are ours, and they borrow the ring, so
//! that none is left when the block is given back.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

/// Offset of the status word in a block: after the version and the offset to private data.
const STATUS_OFFSET: usize = 8;

pub(super) struct Ring {
    base: NonNull<u8>,
    block_size: usize,
    blocks: usize,
}

// SAFETY: the mapping belongs to this value alone and is not tied to the thread that made it.
unsafe impl Send for Ring {}

impl Ring {
    /// Maps the ring of a socket.  `block_size` (a multiple of the page size) and `blocks` are those that the ring was
    /// requested with.
    pub fn map(socket: BorrowedFd<'_>, block_size: usize, blocks: usize) -> io::Result<Self> {
        let too_large = || io::Error::from(io::ErrorKind::InvalidInput);
        let len = block_size
            .checked_mul(blocks)
            .filter(|n| isize::try_from(*n).is_ok())
            .ok_or_else(too_large)?;
        if blocks == 0 || block_size < STATUS_OFFSET + 4 || block_size % 4096 != 0 {
            return Err(too_large());
        }
        // SAFETY: a new mapping at a place of the kernel's choice replaces nothing.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                socket.as_raw_fd(),
                0,
            )
        };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(address.cast()).ok_or_else(too_large)?;
        Ok(Self {
            base,
            block_size,
            blocks,
        })
    }

    /// Number of blocks.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// Start of a block; numbers beyond the last one wrap around.
    fn start(&self, block: usize) -> NonNull<u8> {
        // SAFETY: the block number is below the number of blocks, so the result is within the mapping.
        unsafe { self.base.add(block % self.blocks * self.block_size) }
    }

    fn status(&self, block: usize) -> &AtomicU32 {
        // SAFETY: within the mapping (a block is longer than this), aligned as blocks are aligned to pages, and only
        // ever accessed atomically on our side; the kernel writes it as one word.
        unsafe { self.start(block).add(STATUS_OFFSET).cast::<AtomicU32>().as_ref() }
    }

    /// Whether the block is ours, with all that the kernel wrote before it handed it over.
    pub fn is_ours(&self, block: usize) -> bool {
        self.status(block).load(Ordering::Acquire) & libc::TP_STATUS_USER != 0
    }

    /// The bytes of a block, if it is ours.
    pub fn block(&self, block: usize) -> Option<&[u8]> {
        // SAFETY: within the mapping and initialised (the kernel clears it); the block is ours and stays so while the
        // slice is borrowed, as giving it back needs the ring mutably.  The status word is not changed by the kernel
        // while the block is ours.
        self.is_ours(block)
            .then(|| unsafe { std::slice::from_raw_parts(self.start(block).as_ptr(), self.block_size) })
    }

    /// The bytes of a block to be changed, if it is ours.
    pub fn block_mut(&mut self, block: usize) -> Option<&mut [u8]> {
        // SAFETY: as for `block`; the ring is borrowed mutably, so there is no other slice.
        self.is_ours(block)
            .then(|| unsafe { std::slice::from_raw_parts_mut(self.start(block).as_ptr(), self.block_size) })
    }

    /// Gives a block back to the kernel.
    pub fn release(&mut self, block: usize) {
        self.status(block)
            .store(libc::TP_STATUS_KERNEL, Ordering::Release);
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `map` with this length, and no slice of it is left.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.block_size * self.blocks) };
    }
}
