//! Declarations of events: their names, parameters, and the numbers they go by at run time.

use std::sync::atomic::{AtomicU16, Ordering};

/// An event the engine can raise.  Declared once, as a static, by [`events!`](crate::events); its parameters must agree
/// with the declaration in the `events.bro` beside it, which is checked when a program is bound to the engine.
#[derive(Debug)]
pub struct Event {
    /// The name scripts handle it by.
    pub name: &'static str,
    /// Names of its parameters, in order.
    pub params: &'static [&'static str],
    number: AtomicU16,
}

/// The number of an event that was not registered; no sink wants it.
const UNREGISTERED: u16 = u16::MAX;

impl Event {
    /// Declares an event; use [`events!`](crate::events).
    pub const fn declare(name: &'static str, params: &'static [&'static str]) -> Self {
        Event {
            name,
            params,
            number: AtomicU16::new(UNREGISTERED),
        }
    }

    /// Gives the event its number: its place in the list of all events of the process.  The list is the same for every
    /// engine of a process, so registering twice is harmless.
    pub fn register(&self, number: u16) {
        self.number.store(number, Ordering::Relaxed);
    }

    /// The number, as an index; beyond every table for an event that was never registered.
    #[inline]
    pub fn index(&self) -> usize {
        usize::from(self.number.load(Ordering::Relaxed))
    }
}

/// Declares a crate's events as statics, and `EVENTS`, the list of them:
///
/// ```
/// bro_events::events! {
///     /// A host asks for a user's data.
///     FINGER_REQUEST = finger_request(c, full, username, hostname);
/// }
/// assert_eq!(FINGER_REQUEST.name, "finger_request");
/// assert_eq!(EVENTS.len(), 1);
/// ```
#[macro_export]
macro_rules! events {
    ($($(#[$doc:meta])* $ident:ident = $name:ident ( $($param:ident),* $(,)? );)*) => {
        $(
            $(#[$doc])*
            pub static $ident: $crate::Event = $crate::Event::declare(stringify!($name), &[$(stringify!($param)),*]);
        )*
        /// All events declared here.
        pub static EVENTS: &[&$crate::Event] = &[$(&$ident),*];
    };
}
