use proptest::prelude::*;

use super::*;
use crate::link::hex;
use crate::transport::tcp_options::{kind, TcpOptions};

const SYN: u8 = tcp::SYN;
const SYN_ACK: u8 = tcp::SYN | tcp::ACK;
const ACK: u8 = tcp::ACK;
const RST: u8 = tcp::RST;

/// The lengths, with kind and length field, that an option beginning with these bytes has in a segment with these flags.
fn lengths(start: &str, flags: u8) -> Vec<usize> {
    let start = hex(start);
    (2..=40)
        .filter(|&length: &usize| {
            let mut data = vec![0; length - 2];
            for (to, from) in data.iter_mut().zip(&start) {
                *to = *from;
            }
            parse(&data, flags).is_some()
        })
        .collect()
}

#[test]
fn lengths_of_mp_capable() {
    for (start, syn, syn_ack, ack) in [
        ("0001", vec![12], vec![12], vec![20]),
        ("0101", vec![4], vec![12], vec![20, 22, 24]),
        ("0181", vec![4], vec![12], vec![20, 24]),
        ("0201", vec![4, 12], vec![12], vec![20, 22, 24]),
    ] {
        assert_eq!(lengths(start, SYN), syn, "{start}");
        assert_eq!(lengths(start, SYN_ACK), syn_ack, "{start}");
        assert_eq!(lengths(start, ACK | tcp::PSH), ack, "{start}");
        for flags in [RST, RST | ACK, RST | SYN, 0, tcp::FIN] {
            assert_eq!(lengths(start, flags), [0; 0], "{start} {flags}");
        }
    }
}

#[test]
fn lengths_of_mp_join() {
    assert_eq!(lengths("1001", SYN), [12]);
    assert_eq!(lengths("1101", SYN_ACK), [16]);
    assert_eq!(lengths("1000", ACK), [24]);
    assert_eq!(lengths("1000", RST | ACK), [0; 0]);
}

#[test]
fn lengths_of_dss() {
    for (flags, expected) in [
        (0x00, vec![4]),
        (0x02, vec![4]),
        (0x08, vec![4]),
        (0x10, vec![4]),
        (0x01, vec![8]),
        (0x03, vec![12]),
        (0x04, vec![14, 16]),
        (0x0c, vec![18, 20]),
        (0x05, vec![18, 20]),
        (0x07, vec![22, 24]),
        (0x0d, vec![22, 24]),
        (0x0f, vec![26, 28]),
        (0x1f, vec![26, 28]),
    ] {
        assert_eq!(lengths(&format!("20{flags:02x}"), ACK), expected, "{flags:#x}");
        assert_eq!(lengths(&format!("20{flags:02x}"), SYN_ACK), [0; 0], "{flags:#x}");
    }
}

#[test]
fn lengths_of_add_addr() {
    for (low, expected) in [
        ("30", vec![16, 18, 28, 30]),
        ("31", vec![8, 10, 20, 22]),
        // Version 0, or version 1 with a bit that is reserved.
        ("34", vec![8, 10, 16, 18, 28, 30]),
        ("36", vec![16, 18, 20, 22, 28, 30]),
        ("35", vec![8, 10, 20, 22]),
    ] {
        assert_eq!(lengths(low, ACK), expected, "{low}");
        assert_eq!(lengths(low, SYN), [0; 0], "{low}");
    }
}

#[test]
fn lengths_of_the_others() {
    assert_eq!(lengths("40", ACK), (4..=40).collect::<Vec<_>>());
    assert_eq!(lengths("51", ACK), [3, 4]);
    assert_eq!(lengths("60", ACK), [12]);
    assert_eq!(lengths("60", RST), [12]);
    assert_eq!(lengths("70", ACK), [12]);
    assert_eq!(lengths("70", RST | ACK), [12]);
    assert_eq!(lengths("80", RST | ACK), [4]);
    assert_eq!(lengths("80", ACK), [0; 0]);
    assert_eq!(lengths("f0", SYN), (3..=40).collect::<Vec<_>>());
    for unknown in 9..15 {
        assert_eq!(lengths(&format!("{unknown:x}0"), ACK), [0; 0], "{unknown}");
    }
    assert_eq!(parse(&[], ACK), None);
    assert_eq!((subtype_of(&[]), subtype_of(&[0x8f])), (None, Some(8)));
}

#[test]
fn fields_of_mp_capable() {
    let keys = "0102030405060708 1112131415161718";
    let capable = Capable {
        version: 1,
        flags: 0x81,
        sender_key: Some(0x0102_0304_0506_0708),
        receiver_key: Some(0x1112_1314_1516_1718),
        data_len: Some(5),
        checksum: Some(0xabcd),
    };
    let parsed = |text: &str, flags| parse(&hex(text), flags).map(|option| format!("{option:?}"));
    let shown = |capable| Some(format!("{:?}", Mptcp::Capable(capable)));
    assert_eq!(parsed(&format!("0181 {keys} 0005 abcd"), ACK), shown(capable));
    let capable = Capable {
        flags: 1,
        checksum: None,
        ..capable
    };
    assert_eq!(parsed(&format!("0101 {keys} 0005"), ACK), shown(capable));
    let capable = Capable {
        data_len: None,
        ..capable
    };
    assert_eq!(parsed(&format!("0101 {keys}"), ACK), shown(capable));
    let capable = Capable {
        version: 0,
        receiver_key: None,
        ..capable
    };
    assert_eq!(parsed("0001 0102030405060708", SYN), shown(capable));
    let capable = Capable {
        version: 1,
        sender_key: None,
        ..capable
    };
    assert_eq!(parsed("0101", SYN), shown(capable));
}

#[test]
fn fields_of_mp_join() {
    let bytes = hex("1107 0a0b0c0d 01020304");
    let join = Join::Syn {
        flags: BACKUP,
        addr_id: 7,
        token: 0x0a0b_0c0d,
        nonce: 0x0102_0304,
    };
    assert_eq!(parse(&bytes, SYN), Some(Mptcp::Join(join)));
    let bytes = hex("1003 1122334455667788 01020304");
    let join = Join::SynAck {
        flags: 0,
        addr_id: 3,
        hmac: &bytes[2..10],
        nonce: 0x0102_0304,
    };
    assert_eq!(parse(&bytes, SYN_ACK), Some(Mptcp::Join(join)));
    let bytes = hex("1000 000102030405060708090a0b0c0d0e0f10111213");
    let join = Join::Ack { hmac: &bytes[2..] };
    assert_eq!(parse(&bytes, ACK), Some(Mptcp::Join(join)));
}

#[test]
fn fields_of_dss() {
    let bytes = hex("201d 00000009 ffffffffffffffff 00000001 0002 beef");
    let dss = Dss {
        flags: 0x1d,
        ack: Some(DataNumber::Short(9)),
        mapping: Some(Mapping {
            dsn: DataNumber::Long(u64::MAX),
            ssn: 1,
            len: 2,
            checksum: Some(0xbeef),
        }),
    };
    assert_eq!(parse(&bytes, ACK), Some(Mptcp::Dss(dss)));
    assert_eq!(dss.mapping.expect("one").dsn.bits(), u64::MAX);
    let dss = Dss {
        flags: 3,
        ack: Some(DataNumber::Long(1)),
        mapping: None,
    };
    assert_eq!(parse(&hex("2003 0000000000000001"), ACK), Some(Mptcp::Dss(dss)));
}

#[test]
fn fields_of_add_addr() {
    let add = |text: &str, form: fn(&[u8]) -> AddAddrForm<'_>| {
        let bytes = hex(text);
        let Some(Mptcp::AddAddr(add)) = parse(&bytes, ACK) else {
            panic!("{text}")
        };
        assert_eq!(add.form, form(&bytes[bytes.len().saturating_sub(8)..]), "{text}");
        (add.addr_id, add.address.to_string(), add.port)
    };
    let plain = add("3402 c0a80139", |_| AddAddrForm::Plain);
    assert_eq!(plain, (2, "192.168.1.57".to_owned(), None));
    let v6 = "20010db8000000000000000000000001";
    let plain = add(&format!("3608 {v6} 01bb"), |_| AddAddrForm::Plain);
    assert_eq!(plain, (8, "2001:db8::1".to_owned(), Some(443)));
    let echo = add("3101 0a4d0202", |_| AddAddrForm::Echo);
    assert_eq!(echo, (1, "10.77.2.2".to_owned(), None));
    let hmac = "1122334455667788";
    let sure = add(&format!("3001 0a4d0202 1f90 {hmac}"), |hmac| {
        AddAddrForm::Authenticated(hmac)
    });
    assert_eq!(sure, (1, "10.77.2.2".to_owned(), Some(8080)));
    let sure = add(&format!("3001 {v6} {hmac}"), |hmac| {
        AddAddrForm::Authenticated(hmac)
    });
    assert_eq!(sure, (1, "2001:db8::1".to_owned(), None));
}

#[test]
fn fields_of_the_others() {
    for (text, flags, expected) in [
        (
            "45 010203",
            ACK,
            Mptcp::RemoveAddr {
                reserved: 5,
                ids: &[1, 2, 3],
            },
        ),
        (
            "51",
            ACK,
            Mptcp::Prio {
                flags: 1,
                addr_id: None,
            },
        ),
        (
            "50 07",
            ACK,
            Mptcp::Prio {
                flags: 0,
                addr_id: Some(7),
            },
        ),
        (
            "61 02 0000000000000003",
            RST,
            Mptcp::Fail {
                reserved: 0x102,
                dsn: 3,
            },
        ),
        (
            "70 00 0000000000000004",
            ACK,
            Mptcp::FastClose {
                reserved: 0,
                receiver_key: 4,
            },
        ),
        ("81 03", RST, Mptcp::TcpRst { flags: 1, reason: 3 }),
        (
            "f2 aabb",
            ACK,
            Mptcp::Experimental {
                flags: 2,
                data: &[0xaa, 0xbb],
            },
        ),
    ] {
        assert_eq!(parse(&hex(text), flags), Some(expected), "{text}");
    }
}

proptest! {
    /// Whatever the bytes, parsing ends, and what it finds lies within them.
    #[test]
    fn any_option(data in proptest::collection::vec(any::<u8>(), 0..64), flags in any::<u8>()) {
        match parse(&data, flags) {
            None => {}
            Some(Mptcp::RemoveAddr { ids, .. }) => prop_assert_eq!(ids, &data[1..]),
            Some(Mptcp::Experimental { data: found, .. }) => prop_assert_eq!(found, &data[1..]),
            // All others fit into the 40 bytes that options have.
            Some(_) => prop_assert!(data.len() <= 38),
        }
    }

    /// Whatever stands in a header, there are no more options than bytes, and each is taken apart once.
    #[test]
    fn any_header(bytes in proptest::collection::vec(prop_oneof![Just(kind::MPTCP), 0u8..32, any::<u8>()], 0..41)) {
        let mut found = 0;
        for option in TcpOptions::new(&bytes).flatten().filter(|option| option.kind == kind::MPTCP) {
            found += 1;
            let _ = parse(option.data, ACK);
        }
        prop_assert!(2 * found <= bytes.len());
    }

    /// A DSS is read back as it was written.
    #[test]
    fn dss_round_trip(
        ack in any::<Option<u64>>(), dsn in any::<Option<u64>>(), ssn: u32, len: u16, checksum in any::<Option<u16>>(),
        long: (bool, bool), fin: bool,
    ) {
        let mut data = vec![0x20, if fin { dss_flags::DATA_FIN } else { 0 }];
        let number = |data: &mut Vec<u8>, number: u64, long: bool, has: u8, is_long: u8| {
            data[1] |= if long { has | is_long } else { has };
            if long {
                data.extend(number.to_be_bytes());
                DataNumber::Long(number)
            } else {
                data.extend((number as u32).to_be_bytes());
                DataNumber::Short(number as u32)
            }
        };
        let ack = ack.map(|ack| number(&mut data, ack, long.0, dss_flags::ACK, dss_flags::LONG_ACK));
        let mapping = dsn.map(|dsn| {
            let dsn = number(&mut data, dsn, long.1, dss_flags::MAPPING, dss_flags::LONG_DSN);
            data.extend(ssn.to_be_bytes());
            data.extend(len.to_be_bytes());
            data.extend(checksum.map(u16::to_be_bytes).into_iter().flatten());
            Mapping { dsn, ssn, len, checksum }
        });
        let flags = data[1];
        prop_assert_eq!(parse(&data, ACK), Some(Mptcp::Dss(Dss { flags, ack, mapping })));
    }
}
