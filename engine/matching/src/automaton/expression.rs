//! The parsed form of an expression, and what bounds the work of compiling it.

use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind, Look, Repetition};

/// The most automaton states (counted before compiling, repetitions multiplied out) one expression may need.
pub const MAX_EXPRESSION_COST: u64 = 1 << 18;

/// How deep the parsed form of an expression may nest. Later stages recurse over it.
pub const MAX_EXPRESSION_DEPTH: u32 = 200;

/// A parsed expression: its form, and bounds on what compiling it takes.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(super) hir: Hir,
    /// Upper bound of the automaton states needed; saturating.
    pub(super) cost: u64,
    pub(super) depth: u32,
}

impl Expression {
    /// Matches exactly these bytes.
    pub fn literal(bytes: &[u8]) -> Expression {
        Expression {
            hir: Hir::literal(bytes),
            cost: bytes.len() as u64 + 1,
            depth: 1,
        }
    }

    /// Matches what `self` matches followed by what `other` matches. `None` if that is beyond the limits.
    pub fn then(&self, other: &Expression) -> Option<Expression> {
        Expression::concat(vec![self.clone(), other.clone()]).within_limits()
    }

    /// Matches what either matches. `None` if that is beyond the limits.
    pub fn or(&self, other: &Expression) -> Option<Expression> {
        Expression::alternation(vec![self.clone(), other.clone()]).within_limits()
    }

    /// The intermediate form, for compiling.
    pub fn hir(&self) -> &Hir {
        &self.hir
    }

    /// Upper bound of the number of automaton states the expression compiles to.
    pub fn cost(&self) -> u64 {
        self.cost
    }

    fn within_limits(self) -> Option<Expression> {
        (self.cost <= MAX_EXPRESSION_COST && self.depth <= MAX_EXPRESSION_DEPTH).then_some(self)
    }

    pub(super) fn empty() -> Expression {
        Expression {
            hir: Hir::empty(),
            cost: 1,
            depth: 1,
        }
    }

    pub(super) fn class(class: ClassBytes) -> Expression {
        Expression {
            hir: Hir::class(Class::Bytes(class)),
            cost: 2,
            depth: 1,
        }
    }

    pub(super) fn look(look: Look) -> Expression {
        Expression {
            hir: Hir::look(look),
            cost: 1,
            depth: 1,
        }
    }

    pub(super) fn concat(mut parts: Vec<Expression>) -> Expression {
        parts.retain(|part| !matches!(part.hir.kind(), HirKind::Empty));
        match parts.len() {
            0 => Expression::empty(),
            1 => parts.swap_remove(0),
            _ => Expression::join(parts, Hir::concat, |kind| matches!(kind, HirKind::Concat(_))),
        }
    }

    pub(super) fn alternation(mut branches: Vec<Expression>) -> Expression {
        match branches.len() {
            0 => Expression::empty(),
            1 => branches.swap_remove(0),
            _ => {
                let mut joined = Expression::join(branches, Hir::alternation, |kind| {
                    matches!(kind, HirKind::Alternation(_))
                });
                // What the branches begin with in common was taken out of them.
                joined.depth += u32::from(matches!(joined.hir.kind(), HirKind::Concat(_)));
                joined
            }
        }
    }

    /// Joins children. A child of the parent's own kind is merged into the parent, so it adds no depth.
    fn join(
        children: Vec<Expression>,
        make: fn(Vec<Hir>) -> Hir,
        merges: fn(&HirKind) -> bool,
    ) -> Expression {
        let mut cost = 1u64;
        let mut depth = 0;
        let mut hirs = Vec::with_capacity(children.len());
        for child in children {
            cost = cost.saturating_add(child.cost).saturating_add(1);
            let levels = if merges(child.hir.kind()) {
                child.depth
            } else {
                child.depth + 1
            };
            depth = depth.max(levels);
            hirs.push(child.hir);
        }
        Expression {
            hir: make(hirs),
            cost,
            depth,
        }
    }

    pub(super) fn repeat(self, min: u32, max: Option<u32>) -> Expression {
        // An assertion that need not hold restricts nothing, and one that must hold repeatedly must hold once.
        // Bro prints patterns as `^?(...)$?` and combines the printed forms, so this is the common case; without
        // it, combinations would nest without end.
        if self.hir.properties().maximum_len() == Some(0) {
            return if min == 0 { Expression::empty() } else { self };
        }
        let copies = u64::from(max.unwrap_or_else(|| min.saturating_add(1)).max(min)).max(1);
        let cost = self
            .cost
            .saturating_add(2)
            .saturating_mul(copies)
            .saturating_add(2);
        let depth = self.depth + 1;
        let hir = Hir::repetition(Repetition {
            min,
            max,
            greedy: true,
            sub: Box::new(self.hir),
        });
        Expression { hir, cost, depth }
    }
}
