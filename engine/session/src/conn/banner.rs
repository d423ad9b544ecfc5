//! The beginning of each direction of a stream, handed to policy as one piece.
//!
//! Policy wants to know what a server says before its client has spoken, and wants to be sure of it.  So beside the bytes
//! it is told whether the other side had said anything by then, and whether all that this rests on was seen.

use super::contents::Contents;
use super::Core;
use crate::env::Env;
use crate::events;

/// How far a side has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// It has said nothing.
    #[default]
    Silent,
    /// Its beginning is being collected.
    Speaking,
    /// The other side has spoken since, but nothing of this one is in order yet: the next bytes are all there is.
    Interrupted,
    /// Policy was told.
    Told,
}

/// The beginning of a side.
#[derive(Debug, Default)]
struct Beginning {
    phase: Phase,
    /// The other side had said nothing.
    first: bool,
    /// Nothing that matters was missed.
    certain: bool,
    /// Bytes before the first that was seen are missing.
    missed: bool,
    /// At most `tcp_banner_size` bytes
    text: Vec<u8>,
}

/// The beginnings of both sides.
#[derive(Debug, Default)]
pub(crate) struct Banners {
    sides: [Beginning; 2],
}

impl Banners {
    /// Whether bytes of a side are collected.
    pub fn collects(&self, s: usize) -> bool {
        matches!(self.sides[s].phase, Phase::Speaking | Phase::Interrupted)
    }

    /// Whether there is nothing more to do for a side.
    pub fn is_told(&self, s: usize) -> bool {
        self.sides[s].phase == Phase::Told
    }

    /// The roles were exchanged.
    pub fn flip(&mut self) {
        self.sides.swap(0, 1);
    }
}

/// What the segment that begins a side tells.
pub(crate) struct Opening {
    /// The other side has sent data, or the segment acknowledges some.
    pub answers: bool,
    /// The first numbers of both sides are known, so there is nothing before what was seen.
    pub certain: bool,
}

/// A segment with content of side `s` was seen.
pub(crate) fn spoke(core: &mut Core, env: &mut Env<'_>, s: usize, opening: impl FnOnce() -> Opening) {
    let banners = core
        .contents
        .get_or_insert_with(Box::<Contents>::default)
        .banners();
    let peer = &mut banners.sides[1 - s];
    let interrupts = match peer.phase {
        Phase::Speaking if peer.text.is_empty() => {
            peer.phase = Phase::Interrupted;
            false
        }
        Phase::Speaking => true,
        _ => false,
    };
    let own = &mut banners.sides[s];
    if own.phase == Phase::Silent {
        let opening = opening();
        own.phase = Phase::Speaking;
        own.first = !opening.answers;
        own.certain = opening.certain && !own.missed;
    }
    if interrupts {
        finish(core, env, 1 - s);
    }
}

/// The next bytes of side `s` in order.
pub(super) fn data(core: &mut Core, env: &mut Env<'_>, s: usize, data: &[u8]) {
    let Some(banners) = banners(core) else { return };
    if !banners.collects(s) {
        return;
    }
    let own = &mut banners.sides[s];
    let limit = usize::try_from(env.options.tcp_banner_size).unwrap_or(usize::MAX);
    let room = limit.saturating_sub(own.text.len()).min(data.len());
    own.text.extend_from_slice(data.get(..room).unwrap_or_default());
    if own.text.len() >= limit || own.phase == Phase::Interrupted {
        finish(core, env, s);
    }
}

/// Bytes of side `s` will not come.
pub(crate) fn gap(core: &mut Core, env: &mut Env<'_>, s: usize) {
    let Some(banners) = banners(core) else { return };
    let own = &mut banners.sides[s];
    if own.text.is_empty() {
        // What comes behind the hole is all there is of the beginning, and is not quite it.
        own.missed = true;
        own.certain = false;
    } else {
        finish(core, env, s);
    }
}

/// Side `s` has said all that belongs to its beginning.
pub(crate) fn finish(core: &mut Core, env: &mut Env<'_>, s: usize) {
    let Some(banners) = banners(core) else { return };
    let own = &mut banners.sides[s];
    if own.phase == Phase::Told || own.text.is_empty() {
        return;
    }
    own.phase = Phase::Told;
    let text = std::mem::take(&mut own.text);
    let (first, certain) = (own.first, own.certain);
    core.emit(env.sink, &events::TCP_BANNER, || {
        [(s == 0).into(), text.into(), first.into(), certain.into()]
    });
}

fn banners(core: &mut Core) -> Option<&mut Banners> {
    core.contents.as_mut()?.banners.as_mut()
}
