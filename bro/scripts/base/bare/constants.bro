##! Numbers that protocols and built-in functions give a meaning.

## Contents of neither direction, for :bro:see:`set_contents_file`.
const CONTENTS_NONE = 0;
## Contents from the originator.
const CONTENTS_ORIG = 1;
## Contents from the responder.
const CONTENTS_RESP = 2;
## Contents of both directions.
const CONTENTS_BOTH = 3;

## It is not known which byte order a host has.
const ENDIAN_UNKNOWN = 0;
## Its byte order is little-endian.
const ENDIAN_LITTLE = 1;
## Its byte order is big-endian.
const ENDIAN_BIG = 2;
## It seems to change its byte order.
const ENDIAN_CONFUSED = 3;

## An ICMP destination unreachable because of: no route to the network.
const ICMP_UNREACH_NET = 0;
## … no route to the host.
const ICMP_UNREACH_HOST = 1;
## … a protocol the host does not speak.
const ICMP_UNREACH_PROTOCOL = 2;
## … a port where nobody listens.
const ICMP_UNREACH_PORT = 3;
## … a packet too large that must not be fragmented.
const ICMP_UNREACH_NEEDFRAG = 4;
## … an administrator's decision.
const ICMP_UNREACH_ADMIN_PROHIB = 13;

## IP itself; also IPv6's hop-by-hop options.
const IPPROTO_IP = 0;
## ICMP for IPv4.
const IPPROTO_ICMP = 1;
## IGMP.
const IPPROTO_IGMP = 2;
## IPv4 in IP.
const IPPROTO_IPIP = 4;
## TCP.
const IPPROTO_TCP = 6;
## UDP.
const IPPROTO_UDP = 17;
## IPv6 in IP.
const IPPROTO_IPV6 = 41;
## ICMP for IPv6.
const IPPROTO_ICMPV6 = 58;
## Raw IP.
const IPPROTO_RAW = 255;
## Hop-by-hop options of IPv6.
const IPPROTO_HOPOPTS = 0;
## Routing header of IPv6.
const IPPROTO_ROUTING = 43;
## Fragment header of IPv6.
const IPPROTO_FRAGMENT = 44;
## Encapsulating security payload.
const IPPROTO_ESP = 50;
## Authentication header.
const IPPROTO_AH = 51;
## No header follows.
const IPPROTO_NONE = 59;
## Destination options of IPv6.
const IPPROTO_DSTOPTS = 60;
## Mobility header of IPv6.
const IPPROTO_MOBILITY = 135;

## A resource record of a DNS message is a query.
const DNS_QUERY = 0;
## … an answer.
const DNS_ANS = 1;
## … about an authority.
const DNS_AUTH = 2;
## … additional.
const DNS_ADDL = 3;
## … a prerequisite of an update.
const DNS_PREREQUISITE = 4;
## … a change of an update.
const DNS_UPDATE = 5;

## A login is being authenticated.
const LOGIN_STATE_AUTHENTICATE = 0;
## Somebody is logged in.
const LOGIN_STATE_LOGGED_IN = 1;
## The session is not looked at.
const LOGIN_STATE_SKIP = 2;
## The session cannot be followed.
const LOGIN_STATE_CONFUSED = 3;
