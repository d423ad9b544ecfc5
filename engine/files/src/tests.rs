//! Content out of order, gaps and time-outs, as policy sees them.

use std::sync::Arc;

use bro_events::{
    Command, ConnId, FileCommand, FileConn, FileId, FileKey, FileSink, FlowId, Recorder, Transport, Value,
};
use proptest::prelude::*;

use crate::{FileManager, FileOptions};

/// A file that comes over one connection.
struct Coming {
    files: FileManager,
    sink: Recorder,
    key: FileKey,
    uid: Arc<str>,
    flow: FlowId,
}

impl Coming {
    fn new(reassemble: bool) -> Self {
        let options = FileOptions {
            reassemble,
            bof_buffer_size: 2,
            ..FileOptions::default()
        };
        let flow = FlowId {
            orig_h: [10, 0, 0, 1].into(),
            orig_p: 1,
            resp_h: [10, 0, 0, 2].into(),
            resp_p: 80,
            transport: Transport::Tcp,
            ip_proto: 6,
        };
        Coming {
            files: FileManager::new(options, [0; 16]),
            sink: Recorder::new(),
            key: FileKey {
                tag: "Analyzer::ANALYZER_HTTP",
                handle: b"x".to_vec(),
            },
            uid: Arc::from("C"),
            flow,
        }
    }

    fn content(&mut self, offset: u64, data: &[u8]) {
        let from = FileConn {
            conn: ConnId(1),
            uid: &self.uid,
            flow: &self.flow,
            is_orig: false,
        };
        self.files
            .data_at(&mut self.sink, &self.key, &from, offset, data, None);
    }

    fn gap(&mut self, offset: u64, len: u64) {
        let from = FileConn {
            conn: ConnId(1),
            uid: &self.uid,
            flow: &self.flow,
            is_orig: false,
        };
        self.files.gap(&mut self.sink, &self.key, &from, offset, len);
    }

    /// Policy asks something of the file.
    fn command(&mut self, command: FileCommand) {
        self.files.apply(&mut self.sink, FileId(1), command);
    }

    /// The protocol says that this was all.
    fn end(&mut self) {
        self.files.end_of_file(&mut self.sink, &self.key);
    }

    /// Offset and length of each gap told to policy.
    fn gaps(&self) -> Vec<(u64, u64)> {
        let pair = |args: &[Value]| match args {
            [_, Value::Count(offset), Value::Count(len)] => (*offset, *len),
            other => panic!("arguments of file_gap: {other:?}"),
        };
        self.sink.named("file_gap").into_iter().map(pair).collect()
    }

    /// Bytes seen, missing, and seen too often.
    fn counts(&self) -> (u64, u64, u64) {
        let file = &self.sink.files[&FileId(1)];
        (file.seen_bytes, file.missing_bytes, file.overflow_bytes)
    }
}

#[test]
fn a_gap_does_not_take_what_came_early() {
    let mut file = Coming::new(true);
    file.content(4, b"ef");
    file.gap(0, 10);
    file.content(10, b"kl");
    file.files.finish(&mut file.sink);
    assert_eq!(file.gaps(), [(0, 4), (6, 4)]);
    assert_eq!(file.counts(), (4, 8, 0));
}

#[test]
fn what_waits_across_the_end_of_a_gap_goes_on_there() {
    let mut file = Coming::new(true);
    file.content(8, b"ijkl");
    file.gap(0, 10);
    file.content(12, b"m");
    file.files.finish(&mut file.sink);
    assert_eq!(file.gaps(), [(0, 8)]);
    assert_eq!(file.counts(), (5, 8, 0));
}

#[test]
fn a_gap_where_content_was_is_none() {
    let mut file = Coming::new(true);
    file.content(0, b"abcd");
    file.gap(1, 2);
    file.gap(2, 4);
    file.files.finish(&mut file.sink);
    assert_eq!(file.gaps(), [(4, 2)]);
    assert_eq!(file.counts(), (4, 2, 0));
}

/// Ranges come in any order: a hole in a later one says nothing of what was asked for after it.
#[test]
fn what_is_before_a_gap_may_still_come() {
    let mut file = Coming::new(true);
    file.content(4, b"ef");
    file.gap(6, 2);
    file.content(8, b"ij");
    assert_eq!(file.gaps(), []);
    file.content(0, b"abcd");
    assert_eq!(file.gaps(), [(6, 2)]);
    file.files.finish(&mut file.sink);
    assert_eq!(file.counts(), (8, 2, 0));
}

#[test]
fn content_at_the_end_of_the_numbers_is_refused() {
    let mut file = Coming::new(true);
    file.content(u64::MAX - 1, b"abc");
    file.gap(u64::MAX - 1, 10);
    file.content(u64::MAX, b"a");
    file.files.finish(&mut file.sink);
    assert_eq!(file.counts(), (0, u64::MAX, 4));
}

#[test]
fn reassembly_can_be_switched_off_while_content_waits() {
    let mut file = Coming::new(true);
    file.content(2, b"cd");
    file.files
        .apply(&mut file.sink, FileId(1), FileCommand::EnableReassembly(false));
    file.content(3, b"de");
    file.content(6, b"g");
    file.files.finish(&mut file.sink);
    assert_eq!(file.gaps(), [(0, 2), (5, 1)]);
    assert_eq!(file.counts(), (4, 3, 1));
}

#[test]
fn a_time_out_of_nothing_ends() {
    let mut file = Coming::new(true);
    file.content(0, b"abc");
    // Policy asks for more time of zero length, each time it is asked.
    let again = || Command::File(FileId(1), FileCommand::SetTimeout(0.0));
    file.sink.commands.push(again());
    file.files.advance(1000.0, &mut file.sink);
    assert_eq!(file.sink.named("file_timeout").len(), 1);
    file.sink.commands.push(again());
    file.files.advance(1000.0, &mut file.sink);
    assert_eq!(file.sink.named("file_timeout").len(), 1, "no time has passed");
    file.files.advance(1001.0, &mut file.sink);
    assert_eq!(file.sink.named("file_timeout").len(), 2);
    assert!(!file.files.is_empty());
    file.sink.commands.clear();
    file.files.advance(1002.0, &mut file.sink);
    assert!(file.files.is_empty());
}

#[test]
fn times_closer_than_the_clock_tells_apart_end() {
    let mut file = Coming::new(true);
    file.files.advance(0.000_000_9, &mut file.sink);
    file.content(0, b"abc");
    file.files.advance(120.000_000_2, &mut file.sink);
    file.files.advance(120.000_001, &mut file.sink);
    file.files.advance(121.0, &mut file.sink);
    assert!(file.files.is_empty());
}

/// What may happen to a file, with small numbers so that things meet.
fn steps() -> impl Strategy<Value = Vec<(u8, u64, usize)>> {
    prop::collection::vec((0u8..6, 0u64..60, 0usize..20), 0..40)
}

#[test]
fn content_from_outside_has_a_source_and_no_connection() {
    let mut coming = Coming::new(true);
    let (files, sink) = (&mut coming.files, &mut coming.sink);
    files.content(sink, b"stream", "/some/file", b"abc");
    files.content(sink, b"other", "/other/file", b"x");
    files.content(sink, b"stream", "/some/file", b"def");
    assert_eq!(files.len(), 2);
    files.content_end(sink, b"stream");
    files.content_end(sink, b"never begun");
    assert_eq!(files.len(), 1);
    assert_eq!(coming.sink.named("file_new").len(), 2);
    assert!(coming.sink.named("file_over_new_connection").is_empty());
    assert_eq!(coming.sink.named("file_state_remove"), [[Value::File(FileId(1))]]);
}

proptest! {
    #[test]
    fn every_byte_is_delivered_or_missing_once(steps in steps(), reassemble: bool) {
        let mut file = Coming::new(reassemble);
        let mut highest = 0;
        for (what, offset, len) in steps {
            match what {
                0 => file.gap(offset, len as u64),
                1 => file.files.apply(&mut file.sink, FileId(1), FileCommand::EnableReassembly(len % 2 == 0)),
                2 => file.files.apply(&mut file.sink, FileId(1), FileCommand::ReassemblyLimit(len as u64)),
                _ => file.content(offset, &[b'x'; 20][..len]),
            }
            if len > 0 && !matches!(what, 1 | 2) {
                highest = highest.max(offset + len as u64);
            }
        }
        file.files.finish(&mut file.sink);
        if highest > 0 {
            let (seen, missing, _) = file.counts();
            prop_assert_eq!(seen + missing, highest);
            let gaps = file.gaps();
            prop_assert_eq!(gaps.iter().map(|(_, len)| len).sum::<u64>(), missing);
            prop_assert!(gaps.windows(2).all(|two| two[0].0 + two[0].1 <= two[1].0));
        }
    }
}

/// An analyzer that tells of each call by a weird, and ends at the word "enough".
mod calls {
    use super::*;
    use crate::analyzers::{add, FileAnalyzer, FileContext};
    use bro_events::{FileAnalyzerArgs, Weird, WeirdAbout};

    const TAG: &str = "Files::ANALYZER_TELLS";

    struct Tells;

    impl Tells {
        fn tell(&self, ctx: &mut FileContext<'_>, what: String) {
            ctx.sink.weird(Weird {
                name: "call",
                about: WeirdAbout::File(ctx.file),
                addl: what,
                source: "TELLS",
            });
        }
    }

    impl FileAnalyzer for Tells {
        fn init(&mut self, ctx: &mut FileContext<'_>) {
            self.tell(ctx, "init".into());
        }
        fn deliver_stream(&mut self, ctx: &mut FileContext<'_>, data: &[u8]) -> bool {
            self.tell(ctx, format!("stream {}", String::from_utf8_lossy(data)));
            data != b"enough"
        }
        fn deliver_chunk(&mut self, ctx: &mut FileContext<'_>, offset: u64, data: &[u8]) -> bool {
            self.tell(ctx, format!("chunk {offset} {}", String::from_utf8_lossy(data)));
            true
        }
        fn undelivered(&mut self, ctx: &mut FileContext<'_>, offset: u64, len: u64) -> bool {
            self.tell(ctx, format!("gap {offset} {len}"));
            true
        }
        fn end_of_file(&mut self, ctx: &mut FileContext<'_>) {
            self.tell(ctx, "end".into());
        }
        fn done(&mut self, ctx: &mut FileContext<'_>) {
            self.tell(ctx, "done".into());
        }
    }

    fn attached() -> Coming {
        add(TAG, "TELLS", Arc::new(|_| Ok(Box::new(Tells))));
        let mut file = Coming::new(true);
        file.content(0, b"abc");
        file.command(FileCommand::AddAnalyzer {
            tag: TAG.to_owned(),
            args: FileAnalyzerArgs::default(),
        });
        file
    }

    fn told(file: &Coming) -> Vec<String> {
        file.sink.weirds.iter().map(|weird| weird.addl.clone()).collect()
    }

    #[test]
    fn come_in_order_and_end_with_done() {
        let mut file = attached();
        file.content(3, b"def");
        file.gap(6, 2);
        file.content(8, b"x");
        file.end();
        let expected = [
            "init",
            "stream def",
            "chunk 3 def",
            "gap 6 2",
            "stream x",
            "chunk 8 x",
            "end",
            "done",
        ];
        assert_eq!(told(&file), expected);
    }

    #[test]
    fn one_that_has_seen_enough_is_taken_off() {
        let mut file = attached();
        file.content(3, b"enough");
        file.content(9, b"more");
        file.end();
        assert_eq!(told(&file), ["init", "stream enough", "chunk 3 enough", "done"]);
    }

    #[test]
    fn policy_takes_it_off() {
        for stop in [false, true] {
            let mut file = attached();
            file.command(if stop {
                FileCommand::Stop
            } else {
                FileCommand::RemoveAnalyzer {
                    tag: TAG.to_owned(),
                    args: FileAnalyzerArgs::default(),
                }
            });
            file.content(3, b"def");
            file.end();
            assert_eq!(told(&file), ["init", "done"]);
        }
    }
}

/// Scripts say which content is which file.
mod handles {
    use super::*;

    /// Two files of an analyzer, and what scripts answer about each.
    fn with_handles(handles: &[&[u8]]) -> (Coming, FileKey) {
        let mut file = Coming::new(false);
        file.sink.handles = handles.iter().map(|handle| handle.to_vec()).collect();
        let other = FileKey {
            tag: file.key.tag,
            handle: b"y".to_vec(),
        };
        file.content(0, b"abc");
        (file, other)
    }

    #[test]
    fn content_with_the_same_handle_is_one_file_and_ends_with_the_last() {
        let (mut file, other) = with_handles(&[b"one", b"one"]);
        let first = file.key.clone();
        file.key = other;
        file.content(3, b"def");
        assert_eq!(file.files.len(), 1);
        assert_eq!(file.files.fuid(&file.key), file.files.fuid(&first));
        file.end();
        assert_eq!(file.files.len(), 1);
        file.key = first;
        file.end();
        assert!(file.files.is_empty());
        assert_eq!(file.counts().0, 6);
    }

    #[test]
    fn an_empty_handle_is_no_file() {
        let (mut file, _) = with_handles(&[b""]);
        assert!(file.files.is_empty() && file.files.is_ignored(&file.key));
        file.content(3, b"def");
        assert!(file.files.is_empty());
        file.end();
        assert!(!file.files.is_ignored(&file.key));
    }

    #[test]
    fn without_an_answer_the_analyzer_names_the_file() {
        let (file, other) = with_handles(&[]);
        assert!(file.files.fuid(&file.key).is_some());
        assert!(file.files.fuid(&other).is_none());
    }
}
