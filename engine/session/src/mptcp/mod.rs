//! Multipath TCP: the options of segments as events (RFC 6824, RFC 8684).

mod options;
#[cfg(test)]
mod tests;

pub(crate) use options::segment;
