//! TCP options as policy sees them.

use bro_decode::transport::tcp_options::{TcpOption, TcpOptions, Value as Content};
use bro_events::Value;

use crate::events;

/// The record `TCP::Option`.
fn value(option: &TcpOption<'_>) -> Value {
    // data, mss, window_scale, sack, send_timestamp, echo_timestamp, rate, ttl_diff, qs_nonce
    let mut fields: [Value; 9] = Default::default();
    match option.value() {
        Content::Mss(mss) => fields[1] = mss.into(),
        Content::WindowScale(scale) => fields[2] = scale.into(),
        Content::Sack(blocks) => {
            fields[3] = Value::Vector(
                blocks
                    .flat_map(|(left, right)| [left.into(), right.into()])
                    .collect(),
            );
        }
        Content::Timestamps { send, echo } => (fields[4], fields[5]) = (send.into(), echo.into()),
        Content::QuickStart {
            rate,
            ttl_diff,
            nonce,
        } => {
            (fields[6], fields[7], fields[8]) = (rate.into(), ttl_diff.into(), nonce.into());
        }
        Content::End | Content::Nop | Content::SackPermitted => {}
        Content::Mptcp(_) | Content::Other => fields[0] = option.data.into(),
    }
    let mut all = vec![option.kind.into(), option.length.into()];
    all.extend(fields);
    Value::Record(&events::TCP_OPTION_RECORD, all)
}

/// The value of a `TCP::OptionList`; an option that does not fit ends it.
pub(crate) fn list(options: TcpOptions<'_>) -> Value {
    Value::Vector(
        options
            .map_while(Result::ok)
            .map(|option| value(&option))
            .collect(),
    )
}

/// What a SYN's options say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SynOptions {
    pub mss: u16,
    pub window_scale: Option<u8>,
    pub sack_permitted: bool,
    pub timestamps: Option<(u32, u32)>,
}

impl SynOptions {
    pub fn parse(options: TcpOptions<'_>) -> Self {
        let mut found = SynOptions::default();
        for option in options.map_while(Result::ok) {
            match option.value() {
                Content::Mss(mss) => found.mss = mss,
                Content::WindowScale(scale) => found.window_scale = Some(scale),
                Content::SackPermitted => found.sack_permitted = true,
                Content::Timestamps { send, echo } => found.timestamps = Some((send, echo)),
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_a_syn() {
        let bytes = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7];
        assert_eq!(
            SynOptions::parse(TcpOptions::new(&bytes)),
            SynOptions {
                mss: 1460,
                window_scale: Some(7),
                sack_permitted: true,
                timestamps: Some((1, 2))
            }
        );
        let Value::Vector(options) = list(TcpOptions::new(&bytes)) else {
            panic!("a vector")
        };
        let Value::Record(_, mss) = &options[0] else {
            panic!("a record")
        };
        assert_eq!(
            (&mss[0], &mss[1], &mss[3]),
            (&Value::Count(2), &Value::Count(4), &Value::Count(1460))
        );
    }
}
