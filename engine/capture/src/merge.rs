//! Several sources as one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use crate::error::CaptureError;
use crate::link::LinkType;
use crate::packet::{Packet, Timestamp};
use crate::source::{PacketSource, Progress, Resolution, Statistics, Step};

/// Several sources merged in the order of time.  Packets of the same time come in the order of the sources; the packets
/// of one source always keep their order, even where their times do not rise.
///
/// A file that has nothing yet holds back the others, as its next packet may be the earliest.  A live source does not:
/// it may have nothing for hours.
///
/// An error of one source is delivered when its damaged part is met; asked again, the merged source goes on with the
/// others.
pub struct MergedSource {
    sources: Vec<Box<dyn PacketSource>>,
    /// Sources that are at a packet, the earliest first.
    ready: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// Sources that have to be advanced: all that are neither ready nor at their end.
    open: Vec<usize>,
    current: Option<usize>,
    name: String,
}

/// Merges sources; a single one is returned as it is.
pub fn merge(mut sources: Vec<Box<dyn PacketSource>>) -> Box<dyn PacketSource> {
    match sources.pop() {
        Some(only) if sources.is_empty() => only,
        Some(last) => {
            sources.push(last);
            Box::new(MergedSource::new(sources))
        }
        None => Box::new(MergedSource::new(sources)),
    }
}

impl MergedSource {
    /// Merges sources in the given order.
    pub fn new(sources: Vec<Box<dyn PacketSource>>) -> Self {
        let name = sources.iter().map(|s| s.name()).collect::<Vec<_>>().join(", ");
        let open = (0..sources.len()).collect();
        Self {
            sources,
            ready: BinaryHeap::new(),
            open,
            current: None,
            name,
        }
    }

    /// Advances the sources that are not at a packet; true if one of them holds back the others.
    fn gather(&mut self) -> Result<bool, CaptureError> {
        let mut held_back = false;
        let mut at = 0;
        while let Some(&index) = self.open.get(at) {
            let Some(source) = self.sources.get_mut(index) else {
                break;
            };
            match source.advance() {
                Ok(Step::Packet) => {
                    let ts = source.packet().map_or_else(Timestamp::default, |p| p.ts);
                    self.ready.push(Reverse((ts, index)));
                    self.open.swap_remove(at);
                }
                Ok(Step::Pending) => {
                    held_back |= !source.is_live();
                    at += 1;
                }
                Ok(Step::End) => {
                    self.open.swap_remove(at);
                }
                // The source stays open: if it has more to say, it will.
                Err(error) => return Err(error),
            }
        }
        Ok(held_back)
    }
}

impl PacketSource for MergedSource {
    fn advance(&mut self) -> Result<Step, CaptureError> {
        if let Some(index) = self.current.take() {
            self.open.push(index);
        }
        if !self.open.is_empty() && self.gather()? {
            return Ok(Step::Pending);
        }
        match self.ready.pop() {
            Some(Reverse((_, index))) => {
                self.current = Some(index);
                Ok(Step::Packet)
            }
            None if self.open.is_empty() => Ok(Step::End),
            None => Ok(Step::Pending),
        }
    }

    fn packet(&self) -> Option<Packet<'_>> {
        self.sources.get(self.current?)?.packet()
    }

    fn wait(&mut self, timeout: Duration) -> Result<(), CaptureError> {
        // Only when nothing is there; each that may have something soon gets its share of the time.
        let share = timeout / u32::try_from(self.open.len().max(1)).unwrap_or(u32::MAX);
        for &index in &self.open {
            if let Some(source) = self.sources.get_mut(index) {
                source.wait(share)?;
            }
        }
        Ok(())
    }

    /// The link type of the current packet's source, else of the first one that knows.
    fn link_type(&self) -> Option<LinkType> {
        match self.current.and_then(|index| self.sources.get(index)) {
            Some(source) => source.link_type(),
            None => self.sources.iter().find_map(|s| s.link_type()),
        }
    }

    fn resolution(&self) -> Resolution {
        self.sources
            .iter()
            .map(|s| s.resolution())
            .max()
            .unwrap_or(Resolution::Micro)
    }

    fn is_live(&self) -> bool {
        self.sources.iter().any(|s| s.is_live())
    }

    fn statistics(&mut self) -> Statistics {
        let mut sum = Statistics::default();
        for source in &mut self.sources {
            sum.add(source.statistics());
        }
        // Packets waiting for their turn were read but not delivered.
        for Reverse((_, index)) in &self.ready {
            let waiting = self.sources.get(*index).and_then(|s| s.packet());
            sum.received = sum.received.saturating_sub(1);
            sum.bytes = sum
                .bytes
                .saturating_sub(waiting.map_or(0, |p| p.captured.len() as u64));
        }
        sum
    }

    fn progress(&self) -> Option<Progress> {
        self.sources
            .iter()
            .filter_map(|s| s.progress())
            .reduce(|a, b| Progress {
                read: a.read + b.read,
                total: a.total.zip(b.total).map(|(a, b)| a + b),
            })
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Next;
    use proptest::prelude::*;

    /// Delivers packets of given times whose bytes are the number of the source and of the packet.
    struct Script {
        steps: Vec<Result<Option<i64>, ()>>,
        at: usize,
        bytes: Vec<u8>,
        ts: i64,
        live: bool,
    }

    impl Script {
        fn boxed(number: u8, steps: Vec<Result<Option<i64>, ()>>) -> Box<dyn PacketSource> {
            Box::new(Self {
                steps,
                at: 0,
                bytes: vec![number, 0],
                ts: 0,
                live: false,
            })
        }
        fn times(number: u8, times: &[i64]) -> Box<dyn PacketSource> {
            Self::boxed(number, times.iter().map(|t| Ok(Some(*t))).collect())
        }
    }

    impl PacketSource for Script {
        fn advance(&mut self) -> Result<Step, CaptureError> {
            let step = self.steps.get(self.at).copied();
            self.at += 1;
            match step {
                Some(Ok(Some(ts))) => {
                    self.ts = ts;
                    self.bytes[1] += 1;
                    Ok(Step::Packet)
                }
                Some(Ok(None)) => Ok(Step::Pending),
                Some(Err(())) => Err(CaptureError::Truncated {
                    file: "script".into(),
                    offset: 0,
                    what: "test".into(),
                }),
                None if self.live => Ok(Step::Pending),
                None => Ok(Step::End),
            }
        }
        fn packet(&self) -> Option<Packet<'_>> {
            Some(Packet::new(
                Timestamp::from_nanos(self.ts),
                &self.bytes,
                LinkType::ETHERNET,
            ))
        }
        fn link_type(&self) -> Option<LinkType> {
            Some(LinkType::ETHERNET)
        }
        fn resolution(&self) -> Resolution {
            Resolution::Micro
        }
        fn is_live(&self) -> bool {
            self.live
        }
        fn statistics(&mut self) -> Statistics {
            Statistics {
                received: u64::from(self.bytes[1]),
                bytes: 2 * u64::from(self.bytes[1]),
                ..Default::default()
            }
        }
        fn name(&self) -> &str {
            "script"
        }
    }

    fn drain(source: &mut dyn PacketSource) -> (Vec<(i64, u8, u8)>, usize) {
        let (mut seen, mut errors) = (Vec::new(), 0);
        loop {
            match source.next_packet() {
                Ok(Next::Packet(p)) => seen.push((p.ts.nanos(), p.captured[0], p.captured[1])),
                Ok(Next::Pending) => {}
                Ok(Next::End) => return (seen, errors),
                Err(_) => errors += 1,
            }
        }
    }

    #[test]
    fn packets_come_in_the_order_of_time_and_stable() {
        let mut merged = merge(vec![
            Script::times(0, &[10, 20, 20, 40]),
            Script::times(1, &[5, 20, 30]),
            Script::times(2, &[]),
        ]);
        let (seen, _) = drain(&mut *merged);
        assert_eq!(
            seen,
            [
                (5, 1, 1),
                (10, 0, 1),
                (20, 0, 2),
                (20, 0, 3),
                (20, 1, 2),
                (30, 1, 3),
                (40, 0, 4)
            ]
        );
        assert_eq!(merged.statistics().received, 7);
        assert_eq!(drain(&mut *merge(vec![])).0, []);
    }

    #[test]
    fn an_error_of_one_source_does_not_end_the_others() {
        let broken = Script::boxed(0, vec![Ok(Some(1)), Ok(Some(2)), Err(())]);
        let mut merged = MergedSource::new(vec![broken, Script::times(1, &[1, 3, 5])]);
        let (seen, errors) = drain(&mut merged);
        assert_eq!(errors, 1);
        assert_eq!(seen, [(1, 0, 1), (1, 1, 1), (2, 0, 2), (3, 1, 2), (5, 1, 3)]);
    }

    #[test]
    fn a_slow_file_holds_back_the_others_and_a_live_source_does_not() {
        let slow = Script::boxed(0, vec![Ok(None), Ok(None), Ok(Some(1))]);
        let mut merged = MergedSource::new(vec![Script::times(1, &[2]), slow]);
        assert_eq!(merged.next_packet().unwrap(), Next::Pending);
        assert_eq!(drain(&mut merged).0, [(1, 0, 1), (2, 1, 1)]);

        let live = |number, steps| {
            Box::new(Script {
                steps,
                at: 0,
                bytes: vec![number, 0],
                ts: 0,
                live: true,
            }) as Box<dyn PacketSource>
        };
        let mut merged = MergedSource::new(vec![live(0, vec![]), live(1, vec![Ok(Some(7))])]);
        assert!(matches!(merged.next_packet().unwrap(), Next::Packet(p) if p.captured[0] == 1));
        assert_eq!(merged.next_packet().unwrap(), Next::Pending);
        assert!(merged.is_live());
    }

    #[test]
    fn packets_that_wait_their_turn_are_not_counted() {
        let mut merged = MergedSource::new(vec![Script::times(0, &[1]), Script::times(1, &[2])]);
        assert!(matches!(merged.next_packet().unwrap(), Next::Packet(_)));
        assert_eq!((merged.statistics().received, merged.statistics().bytes), (1, 2));
    }

    proptest! {
        #[test]
        fn merging_sorts_and_loses_nothing(mut lists in prop::collection::vec(prop::collection::vec(0i64..50, 0..20), 0..6)) {
            lists.iter_mut().for_each(|l| l.sort_unstable());
            let sources = lists.iter().enumerate().map(|(n, l)| Script::times(n as u8, l)).collect();
            let (seen, _) = drain(&mut *merge(sources));
            let mut expected: Vec<_> = lists
                .iter()
                .enumerate()
                .flat_map(|(n, l)| l.iter().enumerate().map(move |(i, t)| (*t, n as u8, i as u8 + 1)))
                .collect();
            expected.sort_unstable();
            prop_assert_eq!(seen, expected);
        }
    }
}
