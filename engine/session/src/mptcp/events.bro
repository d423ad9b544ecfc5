##! Multipath TCP (version 0: RFC 6824, version 1: RFC 8684): an event for each option, and events about the connections
##! that subflows are put together to.
##!
##! `len` is the length of the option with kind and length field. A field that the option does not carry is 0, or
##! empty. An option that is not as its subtype, the TCP flags and the flags in it demand raises :bro:id:`mp_error`
##! behind :bro:id:`mptcp`, and nothing else.

module MPTCP;

export {
## What a TCP connection was to the MPTCP connection it belonged to.
type Subflow: record {
	uid: string;	##< its unique id
	id: conn_id;	##< its endpoints
	join: bool;	##< it is not the first
	joined: bool;	##< it is the first, or its handshake was seen to the end: four packets
	verified: bool;	##< it has joined, and both HMACs were right
	refused: bool;	##< it was reset before it had joined
	unseen: bool;	##< its handshake was not seen: it was recognized by addresses and data sequence numbers
	reset: bool;	##< it ended with a RST
	orig_bytes: count;	##< bytes of the connection's originator that came first on it
	resp_bytes: count;	##< bytes of the connection's responder that came first on it
};

## An MPTCP connection as it ends. Originator and responder are those of its first subflow.
type Totals: record {
	version: count &optional;	##< version; unset if no handshake was seen
	orig_token: count &optional;	##< token of the originator; unset if its key was not seen
	resp_token: count &optional;	##< token of the responder; unset if its key was not seen
	subflows: vector of Subflow;	##< all subflows, the first one first
	joined: count;	##< joins seen to the end, a join being four packets
	verified: count;	##< of those, joins with the right HMACs
	refused: count;	##< joins that ended with a RST before that
	orig_bytes: count;	##< bytes of the originator in data sequence order, up to the first hole
	resp_bytes: count;	##< bytes of the responder in data sequence order, up to the first hole
	orig_missed: count;	##< bytes of the originator that were not seen
	resp_missed: count;	##< bytes of the responder that were not seen
	repeated_bytes: count;	##< bytes that came again, the same, on another subflow
	conflicting_bytes: count;	##< bytes that came again and were other ones
	addresses: vector of addr;	##< addresses of both ends, by subflows and as announced
	ended: string;	##< finished, fastclose, reset, fallback, open
};
}

module GLOBAL;

export {
## An MPTCP option of whatever subtype, right or wrong. Comes before the event of the subtype.
global mptcp: event(c: connection, len: count, subtype: count, is_orig: bool);

## MP_CAPABLE: an end offers or accepts MPTCP. In version 0, `len` is 12 in SYN and SYN-ACK, which carry the key of
## their sender, and 20 in the third packet, which carries both. In version 1 it is 4 in the SYN, which carries no key,
## 12 in the SYN-ACK, and 20 in the third packet, or 22 or 24 if that brings data, see :bro:id:`mp_capable_data`. Of
## the eight flags 0x80 asks for checksums, 0x01 is the algorithm.
global mp_capable: event(c: connection, len: count, version: count, flags: count, sender_key: count, receiver_key: count, is_orig: bool);

## An MP_CAPABLE of version 1 came with data: `dll` bytes of it, from the first data sequence number on. `checksum`
## is 0 unless `len` is 24. Comes behind :bro:id:`mp_capable`.
global mp_capable_data: event(c: connection, len: count, dll: count, checksum: count, is_orig: bool);

## MP_JOIN: a subflow is to join a connection. In the SYN (`len` 12) it names the connection by the receiver's
## `token`; in the SYN-ACK (16) it has the first 8 bytes of the sender's HMAC; in the third packet (24) 20 bytes of the
## HMAC of the other side, and nothing else. The flag 0x1 makes the subflow a backup.
global mp_join: event(c: connection, len: count, flags: count, addr_id: count, rand: count, token: count, hmac: string, is_orig: bool);

## DSS: a data acknowledgement, a mapping of bytes of the subflow to data of the connection, or both. Of the flags
## 0x01 says that there is an acknowledgement, 0x02 that it has 64 bits, 0x04 that there is a mapping, 0x08 that its
## data sequence number has 64 bits, and 0x10 that the mapping ends the data. `ssn` is the subflow's sequence number
## relative to its SYN, `dll` the length of the mapping.
global mp_dss: event(c: connection, len: count, flags: count, data_ack: count, dsn: count, ssn: count, dll: count, checksum: count, is_orig: bool);

## ADD_ADDR: an address is announced. `ipver` is 4 or 6, in version 1 told from the length. `portn` is ``0/unknown`` if
## the option has none. In version 1 the option can also be the echo of an announcement of the other side, which
## announces nothing: that raises :bro:id:`mp_add_addr_echo` instead.
global mp_add_addr: event(c: connection, len: count, ipver: count, addr_id: count, address: addr, portn: port, is_orig: bool);

## ADD_ADDR of version 1 as an echo: the sender confirms that the other side has announced the address. The arguments
## are those of :bro:id:`mp_add_addr`.
global mp_add_addr_echo: event(c: connection, len: count, ipver: count, addr_id: count, address: addr, portn: port, is_orig: bool);

## What version 1 adds to an ADD_ADDR: `echo` says that it confirms an announcement of the other side, which has that
## address; otherwise `hmac` has the 8 bytes by which the sender shows that it has the keys. Comes before
## :bro:id:`mp_add_addr` or :bro:id:`mp_add_addr_echo`.
global mp_add_addr_v1: event(c: connection, len: count, echo: bool, addr_id: count, hmac: string, is_orig: bool);

## REMOVE_ADDR: an address is withdrawn. Raised for each id in the option.
global mp_remove_addr: event(c: connection, len: count, resvd: count, addr_id: count, is_orig: bool);

## MP_PRIO: the priority of a subflow changes; with the flag 0x1 it becomes a backup. An option without `addr_id`
## (`len` 3) means the subflow it comes on.
global mp_prio: event(c: connection, len: count, flags: count, addr_id: count, is_orig: bool);

## MP_FASTCLOSE: the whole connection ends at once. `receiver_key` is the key of the end that gets it.
global mp_fastclose: event(c: connection, len: count, resvd: count, receiver_key: count, is_orig: bool);

## MP_FAIL: the checksum of the data from `dsn` on was wrong, or there was no mapping for it.
global mp_fail: event(c: connection, len: count, resvd: count, dsn: count, is_orig: bool);

## MP_TCPRST of version 1: why a subflow is reset. The flag 0x1 says that the cause may pass. Reasons: 0 none given, 1
## an error of MPTCP, 2 lack of resources, 3 prohibited, 4 too much outstanding data, 5 unacceptable performance, 6
## interference of a middlebox.
global mp_tcprst: event(c: connection, len: count, flags: count, reason: count, is_orig: bool);

## MP_EXPERIMENTAL: an option of private use. `flags` are the four bits behind the subtype, `data` is what follows.
global mp_experimental: event(c: connection, len: count, flags: count, data: string, is_orig: bool);

## An MPTCP option that is wrong: an unknown subtype, or a length that the subtype does not have with these TCP flags
## and with the flags in the option. Without a byte behind kind and length (`len` 2) `subtype` is 0.
global mp_error: event(c: connection, len: count, subtype: count, is_orig: bool);

## A SYN offers MPTCP.
global mptcp_attempt: event(c: connection, version: count);

## An offer of MPTCP was not taken: the SYN-ACK came without the option. It is a TCP connection from then on.
global mptcp_rejected: event(c: connection, version: count);

## Both ends have agreed on MPTCP: the third packet of the handshake has come. The tokens name the connection at
## originator and responder; one is 0 if its key was not seen, or if the version has no algorithm for it yet.
global mptcp_established: event(c: connection, version: count, orig_token: count, resp_token: count);

## The third packet of the handshake brings another key than the packet before: for the originator, for the responder.
## Such a connection is not taken for established.
global mptcp_keys_changed: event(c: connection, orig: bool, resp: bool);

## The SYN of a subflow has a token that is not that of a connection known, or that of several none of which is known to
## have its responder's address.
global mptcp_join_unknown: event(c: connection, token: count);

## A subflow has joined: the responder has gone on after the third packet of the handshake. `first` is the unique id of
## the connection's first subflow. `verified` says that the HMACs of both sides were right.
global mptcp_subflow_joined: event(c: connection, first: string, verified: bool);

## The HMAC in the handshake of a join is not the one that follows from the keys; `is_orig` tells whose.
global mptcp_wrong_hmac: event(c: connection, first: string, is_orig: bool);

## A subflow was reset by either side before it had joined.
global mptcp_join_refused: event(c: connection, first: string);

## An end announces an address to the other. `verified` says that the HMAC in it, which only version 1 has, is right; an
## address with a wrong one is not believed. `portn` is ``0/unknown`` if it has none.
global mptcp_address_advertised: event(c: connection, first: string, addr_id: count, address: addr, portn: port, verified: bool, is_orig: bool);

## An end announces an address under the id of another that it has announced and not withdrawn. Comes before
## :bro:id:`mptcp_address_advertised`.
global mptcp_address_id_reused: event(c: connection, first: string, addr_id: count, before: addr, address: addr, is_orig: bool);

## An end withdraws an address that it had announced.
global mptcp_address_withdrawn: event(c: connection, first: string, addr_id: count, is_orig: bool);

## An end has confirmed an announcement of the other one: `is_orig` tells who confirms.
global mptcp_address_echoed: event(c: connection, first: string, addr_id: count, address: addr, portn: port, is_orig: bool);

## A TCP connection is a subflow of an MPTCP connection whose first subflow has the unique id `first`; it may be that one
## itself. Raised once for each: for the first when MPTCP is accepted, for others when their SYN names the connection.
## Without a handshake seen, it is raised when the connection is recognized by addresses and data sequence numbers.
global mptcp_subflow: event(c: connection, first: string);

## A subflow has ended: with a RST, or with a FIN of both sides, or TCP gave it up. The bytes are those of originator and
## responder of the MPTCP connection that came first on this subflow.
global mptcp_subflow_closed: event(c: connection, first: string, reset: bool, orig_bytes: count, resp_bytes: count);

## The connection goes on as TCP on its only subflow, `c`. `reason` is ``no_mapping`` (data came without the option),
## ``infinite_mapping`` (an end said so) or ``checksum`` (an end said that a checksum was wrong).
global mptcp_fallback: event(c: connection, reason: string);

## Bytes of an MPTCP connection in the order of data sequence numbers, from all subflows. `c` is the first subflow seen,
## `offset` counts from the first byte behind the initial data sequence number. What is missing in between is reported by
## :bro:id:`mptcp_content_gap`.
global mptcp_contents: event(c: connection, is_orig: bool, offset: count, contents: string);

## Bytes of an MPTCP connection were not seen: the receiver has acknowledged them, or the connection has ended. `c` is
## the first subflow seen.
global mptcp_content_gap: event(c: connection, is_orig: bool, offset: count, length: count);

## Bytes of an MPTCP connection were sent again and were other ones: `t1` came first, on the subflow with the unique id
## `path1`, and `t2` on `path2`. `offset` is that of their first byte. `c` is the first subflow seen.
global mptcp_inconsistency: event(c: connection, is_orig: bool, offset: count, t1: string, t2: string, path1: string, path2: string);

## The checksum of a mapping is wrong, so its receiver does not take the `length` bytes from `offset` on from this
## subflow. `first` is the unique id of the connection's first subflow, `is_orig` the sender on this one.
global mptcp_wrong_checksum: event(c: connection, first: string, is_orig: bool, offset: count, length: count);

## An MPTCP connection ends, with its last subflow or with the input. `c` is the first subflow seen.
global mptcp_finished: event(c: connection, totals: MPTCP::Totals);
}
