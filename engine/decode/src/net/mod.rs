//! The network layer: IPv4, IPv6 with its extension headers, ARP, and the reassembly of fragments.

pub mod arp;
pub mod fragments;
pub mod ip;
pub mod ipv4;
pub mod ipv6;
pub mod ipv6_ext;
pub mod mobility;
