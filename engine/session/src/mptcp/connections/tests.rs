use proptest::prelude::*;

use super::*;
use crate::mptcp::ending::Left;
use crate::mptcp::keys::Algorithm;
use crate::testing::flow;

/// Keys, token, random numbers and HMACs as Linux has sent them.
const CLIENT: u64 = 0x474b_f7cb_9883_75f2;
const SERVER: u64 = 0xc48e_7d4f_7b90_b8bd;
const SERVER_TOKEN: u32 = 0x9840_a545;
const NONCES: (u32, u32) = (0x5087_7b2c, 0x29c6_92f3);
const SERVER_HMAC: [u8; 8] = [0x01, 0x8a, 0x2d, 0xea, 0xad, 0x62, 0x7d, 0xd0];
const CLIENT_HMAC: [u8; 20] = [
    0x9e, 0x25, 0x34, 0xb2, 0x49, 0xbd, 0x0f, 0x02, 0x92, 0xea, 0x57, 0xad, 0x99, 0xbd, 0x7c, 0xf7, 0x1c,
    0x63, 0x60, 0x2b,
];

const SYN: (bool, bool) = (true, false);
const SYN_ACK: (bool, bool) = (true, true);
const ACK: (bool, bool) = (false, true);
const PLAIN: (bool, bool, bool) = (false, true, false);
const RESET: (bool, bool, bool) = (false, true, true);

fn uid(number: u64) -> Arc<str> {
    format!("C{number}").into()
}

fn host(number: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, number])
}

fn between(from: u8, to: u8) -> FlowId {
    let name = |number| host(number).to_string();
    flow(&name(from), 40_000, &name(to), 80, bro_events::Transport::Tcp)
}

/// What is learnt when a TCP connection is found to be a subflow of the connection whose first subflow has that number.
fn subflow_of(conn: u64) -> Option<Fact> {
    Some(Fact::Subflow { first: uid(conn) })
}

fn capable(version: u8, sender_key: Option<u64>, receiver_key: Option<u64>) -> Capable {
    Capable {
        version,
        flags: 1,
        sender_key,
        receiver_key,
        data_len: None,
        checksum: None,
    }
}

/// Connections, and steps on subflows by number, each from the host with that number to the other.
#[derive(Default)]
struct Net {
    connections: Connections,
}

impl Net {
    fn capable(
        &mut self,
        (conn, from, to): (u64, u8, u8),
        is_orig: bool,
        flags: (bool, bool),
        option: Capable,
    ) -> Option<Fact> {
        let path = Path {
            conn: ConnId(conn),
            uid: &uid(conn),
            flow: between(from, to),
        };
        self.connections.capable(&path, is_orig, flags, &option)
    }

    fn join(&mut self, (conn, from, to): (u64, u8, u8), is_orig: bool, option: Join<'_>) -> Option<Fact> {
        let path = Path {
            conn: ConnId(conn),
            uid: &uid(conn),
            flow: between(from, to),
        };
        self.connections.join(&path, is_orig, &option)
    }

    /// A handshake of version 1.
    fn open(&mut self, flow: (u64, u8, u8)) -> Option<Fact> {
        let attempt = self.capable(flow, true, SYN, capable(1, None, None));
        assert_eq!(attempt, Some(Fact::Attempt { version: 1 }));
        assert_eq!(
            self.capable(flow, false, SYN_ACK, capable(1, Some(SERVER), None)),
            subflow_of(flow.0)
        );
        self.capable(flow, true, ACK, capable(1, Some(CLIENT), Some(SERVER)))
    }

    fn join_syn(&mut self, flow: (u64, u8, u8), token: u32) -> Option<Fact> {
        let option = Join::Syn {
            flags: 0,
            addr_id: 2,
            token,
            nonce: NONCES.0,
        };
        self.join(flow, true, option)
    }

    fn join_syn_ack(&mut self, flow: (u64, u8, u8), hmac: &[u8]) -> Option<Fact> {
        let option = Join::SynAck {
            flags: 0,
            addr_id: 1,
            hmac,
            nonce: NONCES.1,
        };
        self.join(flow, false, option)
    }

    fn segment(&mut self, conn: u64, is_orig: bool, flags: (bool, bool, bool)) -> Option<Fact> {
        self.connections.segment(ConnId(conn), is_orig, flags, false)
    }

    fn leave(&mut self, conn: u64) -> Left {
        self.connections.leave(ConnId(conn), between(1, 2))
    }

    /// The connection of a subflow, and the end that sends on a side.
    fn end_of(&self, conn: u64, is_orig: bool) -> (&Mptcp, usize) {
        let (id, end) = self.connections.end_of(ConnId(conn), is_orig).expect("a subflow");
        (&self.connections.all[&id], end)
    }

    fn is_empty(&mut self) -> bool {
        self.connections.tasks = Tasks::default();
        self.connections.is_empty()
    }
}

#[test]
fn handshakes_of_both_versions() {
    let mut net = Net::default();
    let client_token = Algorithm::Sha256.derive(Key(CLIENT)).token;
    let established = Fact::Established {
        version: 1,
        tokens: [Some(client_token), Some(SERVER_TOKEN)],
    };
    assert_eq!(net.open((1, 10, 80)), Some(established));
    // Sent again: nothing new.
    assert_eq!(
        net.capable((1, 10, 80), true, ACK, capable(1, Some(CLIENT), Some(SERVER))),
        None
    );
    let flow = (2, 10, 80);
    net.capable(flow, true, SYN, capable(0, Some(CLIENT), None));
    net.capable(flow, false, SYN_ACK, capable(0, Some(SERVER), None));
    let token = |key| Some(Algorithm::Sha1.derive(Key(key)).token);
    let established = Fact::Established {
        version: 0,
        tokens: [token(CLIENT), token(SERVER)],
    };
    assert_eq!(
        net.capable(flow, true, ACK, capable(0, Some(CLIENT), Some(SERVER))),
        Some(established)
    );
}

#[test]
fn the_responder_may_choose_a_lower_version() {
    let mut net = Net::default();
    let flow = (1, 10, 80);
    net.capable(flow, true, SYN, capable(1, None, None));
    net.capable(flow, false, SYN_ACK, capable(0, Some(SERVER), None));
    let fact = net.capable(flow, true, ACK, capable(0, Some(CLIENT), Some(SERVER)));
    assert!(
        matches!(fact, Some(Fact::Established { version: 0, .. })),
        "{fact:?}"
    );
}

#[test]
fn other_keys_in_the_third_packet() {
    let mut net = Net::default();
    let flow = (1, 10, 80);
    net.capable(flow, true, SYN, capable(0, Some(CLIENT), None));
    net.capable(flow, false, SYN_ACK, capable(0, Some(SERVER), None));
    let fact = net.capable(flow, true, ACK, capable(0, Some(CLIENT + 20), Some(SERVER)));
    assert_eq!(fact, Some(Fact::KeysChanged { whose: [true, false] }));
    let fact = net.capable(flow, true, ACK, capable(0, Some(CLIENT), Some(SERVER + 1)));
    assert_eq!(fact, Some(Fact::KeysChanged { whose: [false, true] }));
}

#[test]
fn a_join_is_done_at_its_fourth_packet() {
    let mut net = Net::default();
    net.open((1, 10, 80));
    let flow = (2, 11, 81);
    assert_eq!(net.join_syn(flow, SERVER_TOKEN), subflow_of(1));
    assert_eq!(net.segment(2, true, (true, false, false)), None);
    assert_eq!(net.join_syn_ack(flow, &SERVER_HMAC), None);
    assert_eq!(net.segment(2, false, (true, true, false)), None);
    assert_eq!(net.join(flow, true, Join::Ack { hmac: &CLIENT_HMAC }), None);
    assert_eq!(net.segment(2, true, PLAIN), None);
    let joined = Fact::Joined {
        first: uid(1),
        verified: true,
    };
    assert_eq!(net.segment(2, false, PLAIN), Some(joined));
    assert_eq!(net.segment(2, false, PLAIN), None);
    assert_eq!(net.segment(2, false, RESET), None, "it has joined");
}

#[test]
fn a_join_from_the_responder() {
    let mut net = Net::default();
    net.open((1, 10, 80));
    // The server opens a subflow, so the client's token names the connection, and HMACs are made the other way.
    let token = Algorithm::Sha256.derive(Key(CLIENT)).token;
    let flow = (2, 81, 10);
    assert_eq!(net.join_syn(flow, token), subflow_of(1));
    let fact = net.join_syn_ack(flow, &SERVER_HMAC);
    assert_eq!(fact, Some(Fact::WrongHmac { first: uid(1) }));
    let (mptcp, end) = net.end_of(2, true);
    assert_eq!(end, 1);
    assert!(mptcp.ends[1]
        .addresses
        .iter()
        .any(|known| (known.id, known.address) == (2, host(81))));
}

#[test]
fn wrong_and_missing_hmacs() {
    let mut net = Net::default();
    net.open((1, 10, 80));
    let flow = (2, 11, 80);
    net.join_syn(flow, SERVER_TOKEN);
    assert_eq!(net.join_syn_ack(flow, &SERVER_HMAC), None);
    let mut wrong = CLIENT_HMAC;
    wrong[19] ^= 1;
    let fact = net.join(flow, true, Join::Ack { hmac: &wrong });
    assert_eq!(fact, Some(Fact::WrongHmac { first: uid(1) }));
    let refused = Fact::JoinRefused { first: uid(1) };
    assert_eq!(net.segment(2, false, RESET), Some(refused));
    assert_eq!(net.segment(2, false, PLAIN), None, "it cannot join any more");
    // Of this connection the client's key was not seen, so nothing can be verified.
    let other = (3, 12, 82);
    net.capable(other, true, SYN, capable(1, None, None));
    net.capable(other, false, SYN_ACK, capable(1, Some(SERVER), None));
    let join = (4, 13, 82);
    net.join_syn(join, SERVER_TOKEN);
    assert_eq!(net.join_syn_ack(join, &wrong[..8]), None);
    assert_eq!(net.join(join, true, Join::Ack { hmac: &wrong }), None);
    let joined = Fact::Joined {
        first: uid(3),
        verified: false,
    };
    assert_eq!(net.segment(4, false, PLAIN), Some(joined));
}

#[test]
fn tokens_that_collide_are_told_apart_by_addresses() {
    let mut net = Net::default();
    net.open((1, 10, 80));
    net.open((2, 20, 90));
    let unknown = Some(Fact::UnknownJoin { token: SERVER_TOKEN });
    assert_eq!(net.join_syn((3, 21, 90), SERVER_TOKEN), subflow_of(2));
    assert_eq!(net.join_syn((4, 21, 91), SERVER_TOKEN), unknown);
    let announced = AddAddr {
        addr_id: 1,
        address: host(91),
        port: None,
        form: AddAddrForm::Plain,
    };
    net.connections.add_address(ConnId(2), false, &announced);
    assert_eq!(net.join_syn((5, 21, 91), SERVER_TOKEN), subflow_of(2));
    net.connections.remove_address(ConnId(2), false, 1);
    assert_eq!(net.join_syn((6, 21, 91), SERVER_TOKEN), unknown);
    // An echo tells of an address of the other end.
    let echo = AddAddr {
        form: AddAddrForm::Echo,
        ..announced
    };
    net.connections.add_address(ConnId(1), true, &echo);
    assert_eq!(net.join_syn((7, 11, 91), SERVER_TOKEN), subflow_of(1));
    let of = |conn| {
        net.connections
            .subflows
            .get(&ConnId(conn))
            .map(|subflow| subflow.mptcp)
    };
    assert_eq!((of(3), of(5), of(7)), (of(2), of(2), of(1)));
}

#[test]
fn announced_addresses() {
    let mut net = Net::default();
    net.open((1, 10, 80));
    let hmac = [0x16, 0x10, 0x6c, 0x1d, 0x84, 0x09, 0xed, 0x03];
    let address = IpAddr::from([198, 51, 100, 80]);
    fn announced(address: IpAddr, hmac: &[u8]) -> AddAddr<'_> {
        AddAddr {
            addr_id: 1,
            address,
            port: None,
            form: AddAddrForm::Authenticated(hmac),
        }
    }
    let fact = |verified| {
        Some(Fact::Advertised {
            first: uid(1),
            addr_id: 1,
            address,
            port: None,
            verified,
            conflict: None,
        })
    };
    let withdrawn = Some(Fact::Withdrawn {
        first: uid(1),
        addr_id: 1,
    });
    let connections = &mut net.connections;
    assert_eq!(
        connections.add_address(ConnId(1), false, &announced(address, &[0; 8])),
        fact(false)
    );
    assert_eq!(
        connections.remove_address(ConnId(1), false, 1),
        None,
        "it was not believed"
    );
    let right = announced(address, &hmac);
    assert_eq!(connections.add_address(ConnId(1), false, &right), fact(true));
    assert_eq!(
        connections.remove_address(ConnId(1), true, 1),
        None,
        "the other end"
    );
    assert_eq!(connections.remove_address(ConnId(1), false, 1), withdrawn);
    assert_eq!(connections.add_address(ConnId(9), false, &right), None);
}

#[test]
fn an_id_for_two_addresses() {
    let mut net = Net::default();
    net.open((1, 10, 80));
    net.join_syn((2, 11, 80), SERVER_TOKEN);
    let mut announce = |conn, address| {
        let option = AddAddr {
            addr_id: 2,
            address: host(address),
            port: None,
            form: AddAddrForm::Plain,
        };
        match net.connections.add_address(ConnId(conn), true, &option) {
            Some(Fact::Advertised { conflict, .. }) => conflict,
            other => panic!("{other:?}"),
        }
    };
    // The subflow has the id 2 too, from another address: so it is behind a translator.
    assert_eq!(announce(1, 12), None);
    assert_eq!(announce(2, 12), None, "again, on another subflow");
    assert_eq!(announce(2, 13), Some(host(12)));
    net.connections.remove_address(ConnId(1), true, 2);
    let option = AddAddr {
        addr_id: 2,
        address: host(14),
        port: None,
        form: AddAddrForm::Plain,
    };
    let fact = net.connections.add_address(ConnId(1), true, &option);
    assert!(
        matches!(fact, Some(Fact::Advertised { conflict: None, .. })),
        "the id was free again"
    );
}

#[test]
fn unknown_joins_leave_nothing_behind() {
    let mut net = Net::default();
    for conn in 0..1000 {
        assert_eq!(
            net.join_syn((conn, 1, 2), 7),
            Some(Fact::UnknownJoin { token: 7 })
        );
        assert_eq!(net.segment(conn, false, PLAIN), None);
    }
    assert!(net.is_empty());
}

#[test]
fn subflows_of_a_connection_and_collisions_are_limited() {
    let mut net = Net::default();
    net.open((0, 10, 80));
    for conn in 1..1000 {
        assert_eq!(net.join_syn((conn, 11, 80), SERVER_TOKEN), subflow_of(0));
    }
    assert_eq!(net.connections.subflows.len(), MAX_SUBFLOWS);
    for conn in 2000..2100 {
        net.open((conn, 10, 80));
    }
    assert_eq!(net.connections.by_token[&SERVER_TOKEN].len(), MAX_COLLISIONS);
    for id in 0..=u8::MAX {
        for last in [1, 2] {
            let address = AddAddr {
                addr_id: id,
                address: host(last),
                port: None,
                form: AddAddrForm::Plain,
            };
            net.connections.add_address(ConnId(0), true, &address);
        }
    }
    let (mptcp, end) = net.end_of(0, true);
    assert_eq!(mptcp.ends[end].addresses.len(), 256);
    for conn in 0..3000 {
        net.leave(conn);
    }
    assert!(net.is_empty());
}

#[test]
fn a_connection_lives_as_long_as_any_of_its_subflows() {
    let mut net = Net::default();
    net.open((1, 10, 80));
    net.join_syn((2, 11, 80), SERVER_TOKEN);
    net.leave(1);
    assert_eq!(net.connections.len(), 1);
    assert!(!net.connections.has_subflow(ConnId(1)) && net.connections.has_subflow(ConnId(2)));
    assert_eq!(net.join_syn((3, 12, 80), SERVER_TOKEN), subflow_of(1));
    net.leave(2);
    net.leave(3);
    assert!(net.is_empty());
}

proptest! {
    /// Whatever comes in whatever order, nothing panics, and nothing is left when TCP has forgotten all.
    #[test]
    fn any_order(steps in proptest::collection::vec((0u8..9, 0u64..6, 0u8..3, any::<bool>(), 0u8..3), 0..80)) {
        let mut net = Net::default();
        for (step, conn, to, is_orig, version) in steps {
            let flow = (conn, 1, to);
            let key = Some(if is_orig { CLIENT } else { SERVER });
            match step {
                0 => drop(net.capable(flow, is_orig, SYN, capable(version, key, None))),
                1 => drop(net.capable(flow, is_orig, SYN_ACK, capable(version, key, None))),
                2 => drop(net.capable(flow, is_orig, ACK, capable(version, key, Some(SERVER)))),
                3 => drop(net.join_syn(flow, SERVER_TOKEN)),
                4 => drop(net.join_syn_ack(flow, &SERVER_HMAC)),
                5 => drop(net.join(flow, is_orig, Join::Ack { hmac: &CLIENT_HMAC })),
                6 => drop(net.segment(conn, is_orig, if version == 0 { RESET } else { PLAIN })),
                7 => net.connections.flip(ConnId(conn)),
                _ => drop(net.leave(conn)),
            }
            for (id, subflow) in &net.connections.subflows {
                prop_assert!(net.connections.all[&subflow.mptcp].subflows.contains(id));
            }
        }
        for conn in 0..6 {
            net.leave(conn);
        }
        prop_assert!(net.is_empty());
    }
}
