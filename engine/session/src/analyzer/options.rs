//! Options that analyzers read: policy's constants and `redef`-able values such as `dns_max_queries`.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use bro_events::Value;

/// The options of one analyzer, typed.  `Default` gives what the shipped scripts declare, so analyzers also run without
/// any script.
pub trait OptionGroup: Default + Send + Sync + 'static {
    /// Full names of the options as scripts write them
    const NAMES: &'static [&'static str];

    /// Takes the value of one of [`OptionGroup::NAMES`].  A value of another type than expected is ignored: the compiler
    /// has checked it against the declaration.
    fn set(&mut self, name: &str, value: &Value);
}

/// The values of one engine's options.  Each engine of a process has its own.
#[derive(Default)]
pub struct OptionStore {
    values: HashMap<String, Value>,
    groups: RefCell<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl OptionStore {
    /// A store in which every option has its default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an option; analyzers made from now on see it.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        self.values.insert(name.into(), value);
        self.groups.borrow_mut().clear();
    }

    /// The options of a group.  Built at the first call and after changes, shared otherwise.
    pub fn get<G: OptionGroup>(&self) -> Arc<G> {
        if let Some(group) = self.groups.borrow().get(&TypeId::of::<G>()) {
            if let Ok(group) = Arc::clone(group).downcast::<G>() {
                return group;
            }
        }
        let mut group = G::default();
        for name in G::NAMES {
            if let Some(value) = self.values.get(*name) {
                group.set(name, value);
            }
        }
        let group = Arc::new(group);
        self.groups.borrow_mut().insert(
            TypeId::of::<G>(),
            Arc::clone(&group) as Arc<dyn Any + Send + Sync>,
        );
        group
    }
}

impl std::fmt::Debug for OptionStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OptionStore")
            .field("values", &self.values)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Limits {
        depth: u64,
    }
    impl Default for Limits {
        fn default() -> Self {
            Limits { depth: 7 }
        }
    }
    impl OptionGroup for Limits {
        const NAMES: &'static [&'static str] = &["X::depth"];
        fn set(&mut self, _name: &str, value: &Value) {
            if let Value::Count(n) = value {
                self.depth = *n;
            }
        }
    }

    #[test]
    fn a_group_has_defaults_until_set_and_is_shared() {
        let mut store = OptionStore::new();
        assert_eq!(store.get::<Limits>().depth, 7);
        assert!(Arc::ptr_eq(&store.get::<Limits>(), &store.get::<Limits>()));
        store.set("X::depth", Value::Count(3));
        store.set("Y::other", Value::Bool(true));
        assert_eq!(store.get::<Limits>().depth, 3);
        store.set("X::depth", Value::Bool(true));
        assert_eq!(store.get::<Limits>().depth, 7);
    }
}
