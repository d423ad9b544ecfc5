//! Where the bytes of a capture come from: read on the calling thread, or ahead of it on a thread of their own.
//!
//! Large files and pipes are read by a thread that fills buffers and hands them over a bounded channel; the parser
//! works in the buffers and gives them back.  So the copy out of the page cache, and the unpacking of gzip, are done
//! on another core.  Measured on a 612 MB capture in the page cache (600,000 packets): this costs the calling thread
//! a third to a half of what mapping the file costs it, because a copied packet is in the shared cache and a mapped
//! one is not; and a mapped file that is shortened while it is read would kill the process.
//!
//! Small files are read where they are needed: they take less time than starting a thread.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError};
use std::thread;
use std::time::Duration;

use super::unpack::{FeedError, Unpack};

/// Size of the buffers of the reading thread.  Memory of a source is bounded by `BUFFERS` of them.
const BUFFER_SIZE: usize = 2 * 1024 * 1024;

/// Buffers of the reading thread: one being parsed, one waiting, one being filled.
const BUFFERS: usize = 3;

/// Size of the buffers for pipes, which never give more than a little at a time.
const PIPE_BUFFER_SIZE: usize = 256 * 1024;

/// Files up to this size are read without a thread.
const SMALL_FILE: u64 = 512 * 1024;

/// Largest buffer of a small file.
const SMALL_BUFFER: usize = 128 * 1024;

/// How long a file waits for its thread before it tells its caller that there is nothing yet.
const PATIENCE: Duration = Duration::from_millis(100);

/// Stack of the reading thread; it calls nothing deep.
const STACK_SIZE: usize = 256 * 1024;

/// A piece of the stream: `data[..len]`.
pub(super) struct Chunk {
    pub data: Vec<u8>,
    pub len: usize,
    /// Bytes of the file that had been read when this chunk was complete.
    pub raw_read: u64,
    pub compressed: bool,
}

/// What a feed has to give.
pub(super) enum Supply {
    Chunk(Chunk),
    /// Nothing yet.
    Wait,
    End,
    Failed(FeedError),
}

/// Source of the bytes of one capture.
pub(super) enum Feed {
    /// Read when asked.
    Inline {
        reader: Unpack<Box<dyn Read + Send>>,
        size: usize,
        spare: Vec<u8>,
    },
    /// Read ahead by a thread.
    Ahead {
        filled: Receiver<Supply>,
        empty: Sender<Vec<u8>>,
    },
}

impl Feed {
    /// A feed for any reader, read on the calling thread with buffers of `size` bytes (at least 16).
    pub fn inline(reader: Box<dyn Read + Send>, size: usize) -> Self {
        Feed::Inline {
            reader: Unpack::new(reader),
            size: size.max(16),
            spare: Vec::new(),
        }
    }

    /// A feed for a regular file of `len` bytes.
    pub fn file(file: File, len: u64) -> io::Result<Self> {
        if len <= SMALL_FILE {
            // Enough for the whole file in one read, and with some room, as it may be compressed.
            let size = usize::try_from(len).unwrap_or(usize::MAX).saturating_mul(2);
            return Ok(Self::inline(Box::new(file), size.min(SMALL_BUFFER)));
        }
        Self::ahead(Box::new(file), BUFFER_SIZE, true)
    }

    /// A feed for a pipe, a terminal or a device.
    pub fn pipe(reader: Box<dyn Read + Send>) -> io::Result<Self> {
        Self::ahead(reader, PIPE_BUFFER_SIZE, false)
    }

    /// Starts the thread.  It ends when the input does or when the feed is dropped; one that sits in a read of a
    /// silent pipe ends with the process.
    fn ahead(reader: Box<dyn Read + Send>, size: usize, fill_up: bool) -> io::Result<Self> {
        let (filled_tx, filled) = mpsc::sync_channel(BUFFERS);
        let (empty, empty_rx) = mpsc::channel();
        thread::Builder::new()
            .name("bro-read-ahead".into())
            .stack_size(STACK_SIZE)
            .spawn(move || read_ahead(Unpack::new(reader), size, fill_up, &filled_tx, &empty_rx))?;
        Ok(Feed::Ahead { filled, empty })
    }

    /// The next piece of the stream.
    pub fn next(&mut self) -> Supply {
        match self {
            Feed::Inline { reader, size, spare } => {
                let mut data = std::mem::take(spare);
                if data.len() != *size {
                    data = vec![0; *size];
                }
                match reader.read(&mut data) {
                    Ok(0) => Supply::End,
                    Ok(len) => {
                        let (raw_read, compressed) = (reader.raw_read(), reader.is_compressed());
                        Supply::Chunk(Chunk {
                            data,
                            len,
                            raw_read,
                            compressed,
                        })
                    }
                    Err(error) => Supply::Failed(error),
                }
            }
            Feed::Ahead { filled, .. } => match filled.recv_timeout(PATIENCE) {
                Ok(supply) => supply,
                Err(RecvTimeoutError::Timeout) => Supply::Wait,
                Err(RecvTimeoutError::Disconnected) => Supply::Failed(FeedError::ThreadGone),
            },
        }
    }

    /// Gives a buffer back to be filled again.
    pub fn recycle(&mut self, buffer: Vec<u8>) {
        match self {
            Feed::Inline { spare, .. } => *spare = buffer,
            // The thread may have ended; then the buffer is just freed.
            Feed::Ahead { empty, .. } => drop(empty.send(buffer)),
        }
    }
}

/// The reading thread.
fn read_ahead(
    mut reader: Unpack<Box<dyn Read + Send>>,
    size: usize,
    fill_up: bool,
    filled: &SyncSender<Supply>,
    empty: &Receiver<Vec<u8>>,
) {
    let mut made = 0;
    loop {
        let mut data = match empty.try_recv() {
            Ok(buffer) => buffer,
            Err(TryRecvError::Empty) if made < BUFFERS => {
                made += 1;
                vec![0; size]
            }
            Err(_) => match empty.recv() {
                Ok(buffer) => buffer,
                Err(_) => return, // the feed was dropped
            },
        };
        let (len, last) = fill(&mut reader, &mut data, fill_up);
        if len > 0 {
            let (raw_read, compressed) = (reader.raw_read(), reader.is_compressed());
            if filled
                .send(Supply::Chunk(Chunk {
                    data,
                    len,
                    raw_read,
                    compressed,
                }))
                .is_err()
            {
                return;
            }
        }
        if let Some(message) = last {
            // The receiver may be gone: then nobody wants to know.
            drop(filled.send(message));
            return;
        }
    }
}

/// Fills a buffer: once for pipes, so that what is there is delivered at once, else to the brim.  Also returns the end
/// or error that was met.
fn fill(
    reader: &mut Unpack<Box<dyn Read + Send>>,
    data: &mut [u8],
    fill_up: bool,
) -> (usize, Option<Supply>) {
    // Room that the reader needs to tell the kind of a file.
    const ROOM: usize = 16;
    let mut len = 0;
    loop {
        match reader.read(data.get_mut(len..).unwrap_or_default()) {
            Ok(0) => return (len, Some(Supply::End)),
            Ok(n) => len += n,
            Err(error) => return (len, Some(Supply::Failed(error))),
        }
        if !fill_up || data.len() - len < ROOM {
            return (len, None);
        }
    }
}
