##! TCP: types and events.

module GLOBAL;

export {
## What a SYN says.
type SYN_packet: record {
	is_orig: bool;	##< the originator sent it
	DF: bool;	##< IP's don't-fragment flag
	ttl: count;	##< time to live, or hop limit
	size: count;	##< length of the IP packet
	win_size: count;	##< window, not scaled
	win_scale: int;	##< window scale; -1: none
	MSS: count;	##< maximum segment size; 0: none
	SACK_OK: bool;	##< selective acknowledgements are permitted
	TSval: count &optional;	##< timestamp
	TSecr: count &optional;	##< echoed timestamp
};
}

module TCP;

export {
	## A TCP option.  What a field holds is only set for options of that kind and the right length.
	type Option: record {
		kind: count;	##< number of the option
		length: count;	##< its length with kind and length
		data: string &optional;	##< data of an option that is not taken apart here
		mss: count &optional;	##< kind 2: maximum segment size
		window_scale: count &optional;	##< kind 3: window scale
		sack: vector of count &optional;	##< kind 5: edges of blocks received, two by two
		send_timestamp: count &optional;	##< kind 8: timestamp
		echo_timestamp: count &optional;	##< kind 8: echoed timestamp
		rate: count &optional;	##< kind 27: rate of a quick start
		ttl_diff: count &optional;	##< kind 27: difference of the time to live
		qs_nonce: count &optional;	##< kind 27: nonce
	};

	## All options of a packet.
	type OptionList: vector of Option;

	## A TCP option as it stands in the header.
	type RawOption: record {
		kind: count;	##< number of the option
		data: string;	##< what it has behind kind and length
	};

	## All options of a header, undecoded; see :bro:see:`TCP::raw_options`.
	type RawOptionList: vector of RawOption;
}

module GLOBAL;

export {
## Stream reassembly begins for a new TCP connection.
global new_connection_contents: event(c: connection);

## A SYN was not answered for :bro:id:`tcp_attempt_delay`. The connection is removed.
global connection_attempt: event(c: connection);

## The responder has answered a SYN with a SYN-ACK, or such an answer was seen without its SYN; then the originator
## is still inactive.
global connection_established: event(c: connection);

## Both ends of a connection speak whose beginning was not seen.
global partial_connection: event(c: connection);

## One end of a connection whose beginning was not seen has closed, and the other did not follow within
## :bro:id:`tcp_partial_close_delay`. The connection is removed.
global connection_partial_close: event(c: connection);

## Both ends have closed in order, and all they sent was processed.
global connection_finished: event(c: connection);

## One end has closed in order, and of the other nothing was ever seen.
global connection_half_finished: event(c: connection);

## A SYN was answered by a RST.
global connection_rejected: event(c: connection);

## An end of an established connection has sent a RST.
global connection_reset: event(c: connection);

## A connection was still open when the input ended.
global connection_pending: event(c: connection);

## A packet with SYN. Raised for SYN-ACKs too.
global connection_SYN_packet: event(c: connection, pkt: SYN_packet);

## The originator has sent its first packet with ACK.
global connection_first_ACK: event(c: connection);

## The stream of a side has ended and was processed to its end.
global connection_EOF: event(c: connection, is_orig: bool);

## A TCP packet. Raised for each one, which is costly. Sequence numbers are relative to the first.
global tcp_packet: event(c: connection, is_orig: bool, flags: string, seq: count, ack: count, len: count, payload: string);

## An option of a TCP header, by number and length.
global tcp_option: event(c: connection, is_orig: bool, opt: count, optlen: count);

## All options of a TCP header.
global tcp_options: event(c: connection, is_orig: bool, options: TCP::OptionList);

## A piece of a TCP stream, in order. Raised for the connections selected by
## :bro:id:`tcp_content_delivery_ports_orig`, :bro:id:`tcp_content_deliver_all_orig` and their kin.
global tcp_contents: event(c: connection, is_orig: bool, seq: count, contents: string);

## The beginning of one side of a TCP connection: what it says until the other side speaks, at most
## :bro:id:`tcp_banner_size` bytes. Raised once a side, when the other side speaks, when there are that many bytes, or when the
## side's stream or the connection ends; not for a side that says nothing.
##
## c: the connection.
## is_orig: whether it is the originator's side.
## contents: its first bytes.
## first: whether the other side had said nothing by then: no data of it was seen, and the side's first segment
##        acknowledged none.
## certain: whether nothing that the rest depends on was missed: the sequence number that the side begins with is known
##          from its SYN, the other side's from its SYN or the answer to it, and there is no hole in the contents or before
##          them. Else the contents are the first that were seen.
global tcp_banner: event(c: connection, is_orig: bool, contents: string, first: bool, certain: bool);

## A packet brought nothing new.
global tcp_rexmit: event(c: connection, is_orig: bool, seq: count, len: count, data_in_flight: count, window: count);

## A side has sent so many packets with wrong checksums: 10, 100, 1000 and so on.
global tcp_multiple_checksum_errors: event(c: connection, is_orig: bool, threshold: count);

## A side has advertised a window of zero so many times.
global tcp_multiple_zero_windows: event(c: connection, is_orig: bool, threshold: count);

## A side has retransmitted so many packets.
global tcp_multiple_retransmissions: event(c: connection, is_orig: bool, threshold: count);

## So many gaps were found in a side's stream.
global tcp_multiple_gap: event(c: connection, is_orig: bool, threshold: count);

## The receiver has acknowledged data that was not seen. `seq` is relative to the beginning of the stream, which is
## 1.
global content_gap: event(c: connection, is_orig: bool, seq: count, length: count);

## Data was sent again and was not the same: the first and the second version. Raised while the content of the
## connection is looked at and the receiver has not acknowledged the data. It may be an attempt to show the
## receiver something else than the monitor.
global rexmit_inconsistency: event(c: connection, t1: string, t2: string, tcp_flags: string);

## A TCP connection ends: counts of what its ends sent.
global conn_stats: event(c: connection, os: endpoint_stats, rs: endpoint_stats);
}
