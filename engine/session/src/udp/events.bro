##! UDP: events.

module GLOBAL;

export {
## An originator's datagram.
global udp_request: event(u: connection);

## A responder's datagram.
global udp_reply: event(u: connection);

## A flow is over whose protocol an analyzer was sure of; raised before :bro:see:`connection_state_remove`.
global udp_session_done: event(u: connection);

## The payload of a datagram. Raised for the flows selected by :bro:id:`udp_content_ports`,
## :bro:id:`udp_content_deliver_all_orig` and their kin.
global udp_contents: event(u: connection, is_orig: bool, contents: string);

## A side has sent so many datagrams with wrong checksums: 10, 100, 1000 and so on.
global udp_multiple_checksum_errors: event(u: connection, is_orig: bool, threshold: count);
}
