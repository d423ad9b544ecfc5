//! The connections there are.

use bro_events::ConnId;
use hashbrown::HashTable;

use crate::conn::Connection;
use crate::flow::FlowKey;

/// Bits of a connection's name that say where in the table it is.  So many connections are kept at most: 16,777,215.
const SLOT_BITS: u32 = 24;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;

/// 64 bits of 32, for a table that uses the upper and the lower ones.
#[inline]
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Finds connections by key and by name.
pub(crate) struct Table {
    slots: Vec<Option<Box<Connection>>>,
    free: Vec<u32>,
    /// Hash and slot; with the hash at hand, growing does not look at connections.
    by_key: HashTable<(u32, u32)>,
    hasher: foldhash::fast::FixedState,
    /// Of the next connection; never used twice
    serial: u64,
}

/// A place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(u32);

impl Table {
    pub fn new(seed: u64) -> Self {
        Table {
            slots: Vec::new(),
            free: Vec::new(),
            by_key: HashTable::new(),
            hasher: foldhash::fast::FixedState::with_seed(seed),
            serial: 0,
        }
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    #[inline]
    fn hash(&self, key: &FlowKey) -> u32 {
        std::hash::BuildHasher::hash_one(&self.hasher, key) as u32
    }

    /// The connection with that key.
    #[inline]
    pub fn find(&self, key: &FlowKey) -> Option<Slot> {
        let hash = self.hash(key);
        let slots = &self.slots;
        let equals = |&(found, slot): &(u32, u32)| {
            found == hash
                && slots[slot as usize]
                    .as_ref()
                    .is_some_and(|conn| conn.core.key == *key)
        };
        self.by_key
            .find(spread(hash), equals)
            .map(|&(_, slot)| Slot(slot))
    }

    /// The connection with that name.
    pub fn by_id(&self, id: ConnId) -> Option<Slot> {
        let slot = Slot((id.0 & SLOT_MASK) as u32);
        let conn = self.slots.get(slot.0 as usize)?.as_ref()?;
        (conn.core.id == id).then_some(slot)
    }

    /// Takes a connection out, to work on it.  It must be put back with [`Table::put`] or removed.
    #[inline]
    pub fn take(&mut self, slot: Slot) -> Option<Box<Connection>> {
        self.slots[slot.0 as usize].take()
    }

    /// Puts a connection back to where it was taken from.
    #[inline]
    pub fn put(&mut self, slot: Slot, conn: Box<Connection>) {
        self.slots[slot.0 as usize] = Some(conn);
    }

    /// A connection, to look at.
    pub fn get(&self, slot: Slot) -> Option<&Connection> {
        self.slots[slot.0 as usize].as_deref()
    }

    /// A place and a name for a new connection, which must be put there with [`Table::insert`].  `None` if the table is
    /// full.
    pub fn reserve(&mut self) -> Option<(Slot, ConnId)> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.slots.len() < SLOT_MASK as usize => {
                self.slots.push(None);
                self.slots.len() as u32 - 1
            }
            None => return None,
        };
        let id = ConnId(self.serial << SLOT_BITS | u64::from(slot));
        self.serial += 1;
        Some((Slot(slot), id))
    }

    /// Puts a new connection into its place.
    pub fn insert(&mut self, slot: Slot, conn: Box<Connection>) {
        let hash = self.hash(&conn.core.key);
        self.slots[slot.0 as usize] = Some(conn);
        self.by_key
            .insert_unique(spread(hash), (hash, slot.0), |&(hash, _)| spread(hash));
    }

    /// Makes the key of a connection free for another one.  The connection keeps its place and its name.
    #[inline]
    pub fn free_key(&mut self, slot: Slot, key: &FlowKey) {
        let hash = self.hash(key);
        if let Ok(entry) = self
            .by_key
            .find_entry(spread(hash), |&(_, found)| found == slot.0)
        {
            entry.remove();
        }
    }

    /// Removes a connection that was taken out.
    pub fn remove(&mut self, slot: Slot, key: &FlowKey) {
        self.free_key(slot, key);
        self.free.push(slot.0);
    }

    /// The names of all connections in the order in which they began.
    pub fn in_order(&self) -> Vec<ConnId> {
        let mut ids: Vec<ConnId> = self.slots.iter().flatten().map(|conn| conn.core.id).collect();
        ids.sort_unstable();
        ids
    }
}
