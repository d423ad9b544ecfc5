//! What policy can set.

use bro_events::Value;
use bro_session::analyzer::OptionGroup;

/// Options of RPC and its programs.
#[derive(Debug)]
pub struct RpcOptions {
    /// Seconds after which nobody waits for a reply
    pub timeout: f64,
    /// Calls that may wait on a connection
    pub max_pending_calls: u64,
    /// Events carry what is read and written
    pub return_data: bool,
    /// Of that, this many bytes
    pub return_data_max: u64,
    /// Only if it is the beginning of a file
    pub return_data_first_only: bool,
}

impl Default for RpcOptions {
    fn default() -> Self {
        RpcOptions {
            timeout: 24.0,
            max_pending_calls: 1000,
            return_data: false,
            return_data_max: 512,
            return_data_first_only: true,
        }
    }
}

/// Names of [`RpcOptions`].
pub const NAMES: &[&str] = &[
    "rpc_timeout",
    "rpc_max_pending_calls",
    "NFS3::return_data",
    "NFS3::return_data_max",
    "NFS3::return_data_first_only",
];

impl OptionGroup for RpcOptions {
    const NAMES: &'static [&'static str] = NAMES;

    fn set(&mut self, name: &str, value: &Value) {
        match (name, value) {
            ("rpc_timeout", Value::Interval(seconds)) => self.timeout = *seconds,
            ("rpc_max_pending_calls", Value::Count(n)) => self.max_pending_calls = (*n).max(1),
            ("NFS3::return_data", Value::Bool(b)) => self.return_data = *b,
            ("NFS3::return_data_max", Value::Count(n)) => self.return_data_max = *n,
            ("NFS3::return_data_first_only", Value::Bool(b)) => self.return_data_first_only = *b,
            _ => {}
        }
    }
}
