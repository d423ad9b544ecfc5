//! What the ends of a connection derive from their keys (RFC 6824 and RFC 8684, sections 3.1, 3.2 and 3.4.1).

use std::net::IpAddr;

use hmac::{Hmac, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// The hash function of a connection, which its version decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// Version 0
    Sha1,
    /// Version 1
    Sha256,
}

/// The key of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(pub u64);

/// What follows from one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Derived {
    /// Names the connection at the end that has the key
    pub token: u32,
    /// Initial data sequence number: that of its first byte less one
    pub idsn: u64,
}

/// Length of the HMAC in the third packet of a join, bytes.
const JOIN_HMAC: usize = 20;

/// Length of the HMACs in SYN-ACK and ADD_ADDR, bytes.
const SHORT_HMAC: usize = 8;

impl Algorithm {
    /// Of a connection of this version.  `None` if nobody has defined it yet.
    pub fn of_version(version: u8) -> Option<Self> {
        match version {
            0 => Some(Algorithm::Sha1),
            1 => Some(Algorithm::Sha256),
            _ => None,
        }
    }

    /// Token and initial data sequence number: the first 32 and the last 64 bits of the key's hash.
    pub fn derive(self, key: Key) -> Derived {
        match self {
            Algorithm::Sha1 => derived(&Sha1::digest(key.0.to_be_bytes())),
            Algorithm::Sha256 => derived(&Sha256::digest(key.0.to_be_bytes())),
        }
    }

    /// Whether `sent` is what the sender of a packet of a join's handshake, SYN-ACK or ACK, has to send: the first bytes
    /// of its HMAC.  Each pair is sender, receiver.
    pub fn is_join_hmac(self, keys: (Key, Key), nonces: (u32, u32), sent: &[u8]) -> bool {
        let message = [nonces.0.to_be_bytes(), nonces.1.to_be_bytes()].concat();
        let full = self.hmac(keys, &message);
        matches!(sent.len(), SHORT_HMAC | JOIN_HMAC) && full.starts_with(sent)
    }

    /// Whether `sent` is what an end has to send with an address it announces: the last bytes of its HMAC.  The keys are
    /// sender's, receiver's.
    pub fn is_address_hmac(
        self,
        keys: (Key, Key),
        id: u8,
        address: IpAddr,
        port: Option<u16>,
        sent: &[u8],
    ) -> bool {
        let mut message = vec![id];
        match address {
            IpAddr::V4(address) => message.extend(address.octets()),
            IpAddr::V6(address) => message.extend(address.octets()),
        }
        message.extend(port.unwrap_or(0).to_be_bytes());
        sent.len() == SHORT_HMAC && self.hmac(keys, &message).ends_with(sent)
    }

    fn hmac(self, keys: (Key, Key), message: &[u8]) -> Vec<u8> {
        let mut key = [0; 16];
        let (first, second) = key.split_at_mut(8);
        first.copy_from_slice(&keys.0 .0.to_be_bytes());
        second.copy_from_slice(&keys.1 .0.to_be_bytes());
        match self {
            Algorithm::Sha1 => {
                let mac = <Hmac<Sha1> as Mac>::new_from_slice(&key);
                mac.map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
            }
            Algorithm::Sha256 => {
                let mac = <Hmac<Sha256> as Mac>::new_from_slice(&key);
                mac.map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
            }
        }
        // HMAC takes keys of any length, so there is no error to come.
        .unwrap_or_default()
    }
}

fn derived(hash: &[u8]) -> Derived {
    Derived {
        token: hash.first_chunk().map_or(0, |first| u32::from_be_bytes(*first)),
        idsn: hash.last_chunk().map_or(0, |last| u64::from_be_bytes(*last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: Key = Key(0x474b_f7cb_9883_75f2);
    const SERVER: Key = Key(0xc48e_7d4f_7b90_b8bd);

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("two digits"))
            .collect()
    }

    #[test]
    fn tokens_and_first_numbers() {
        // As Linux has it.
        assert_eq!(Algorithm::Sha256.derive(SERVER).token, 0x9840_a545);
        assert_eq!(
            Algorithm::Sha256.derive(CLIENT).idsn + 1,
            4_869_991_822_074_759_794
        );
        // As another library has it.
        let derived = Algorithm::Sha1.derive(Key(0x0102_0304_0506_0708));
        assert_eq!(
            (derived.token, derived.idsn),
            (0xdd57_83bc, 0x3a95_ed6e_4ebb_4ad5)
        );
    }

    #[test]
    fn joins() {
        let sha256 = Algorithm::Sha256;
        let (client, server) = (0x5087_7b2c, 0x29c6_92f3);
        let of_server = hex("018a2deaad627dd0");
        let of_client = hex("9e2534b249bd0f0292ea57ad99bd7cf71c63602b");
        assert!(sha256.is_join_hmac((SERVER, CLIENT), (server, client), &of_server));
        assert!(sha256.is_join_hmac((CLIENT, SERVER), (client, server), &of_client));
        for wrong in [&of_server[..7], &of_client[..19], &[], &[0; 8], &[0; 20]] {
            assert!(!sha256.is_join_hmac((CLIENT, SERVER), (client, server), wrong));
        }
        assert!(!sha256.is_join_hmac((SERVER, CLIENT), (client, server), &of_client));
        assert!(!Algorithm::Sha1.is_join_hmac((CLIENT, SERVER), (client, server), &of_client));
        let keys = (Key(0x0102_0304_0506_0708), Key(0x1112_1314_1516_1718));
        let of_v0 = hex("ba0af79ab810aaed76c771860eb95afb8cd0e956");
        assert!(Algorithm::Sha1.is_join_hmac(keys, (0x0a0b_0c0d, 0x1a1b_1c1d), &of_v0));
    }

    #[test]
    fn addresses() {
        let sent = hex("16106c1d8409ed03");
        let address: IpAddr = "198.51.100.80".parse().expect("an address");
        let is_right = |id, port, sent: &[u8]| {
            Algorithm::Sha256.is_address_hmac((SERVER, CLIENT), id, address, port, sent)
        };
        assert!(is_right(1, None, &sent));
        assert!(!is_right(2, None, &sent));
        assert!(!is_right(1, Some(80), &sent));
        assert!(!is_right(1, None, &sent[1..]));
    }

    #[test]
    fn versions() {
        let of = Algorithm::of_version;
        assert_eq!(
            (of(0), of(1), of(2)),
            (Some(Algorithm::Sha1), Some(Algorithm::Sha256), None)
        );
    }
}
