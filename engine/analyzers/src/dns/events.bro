## Questions of a message at most.  One with more is taken for something else than DNS.  0: any number.
global dns_max_queries: count = 25 &redef;

## Compression pointers in a row that are followed in a name.
global dns_max_compression_chain_depth: count = 20 &redef;

## Servers whose authority sections are passed over.
global dns_skip_auth: set[addr] = {} &redef;

## Servers whose additional sections are passed over.
global dns_skip_addl: set[addr] = {} &redef;

## Whether authority sections of all servers are passed over.
global dns_skip_all_auth = F &redef;

## Whether additional sections of all servers are passed over.
global dns_skip_all_addl = F &redef;

## How long a conversation over UDP may be silent until it has ended.
const dns_session_timeout = 10 secs &redef;

## The header of a DNS message.
type dns_msg: record {
	id: count;		##< Transaction, the same in a query and its replies.
	opcode: count;		##< What is asked for: 0 query, 4 notify, 5 dynamic update, … (``DNS::opcodes``).
	rcode: count;		##< How it went (``DNS::base_errors``); without the extension bits of EDNS.
	QR: bool;		##< Whether this is a reply.
	AA: bool;		##< Whether the answer is the authority's own.
	TC: bool;		##< Whether it was cut to fit the transport.
	RD: bool;		##< Whether recursion is asked for.
	RA: bool;		##< Whether recursion is on offer.
	Z: count;		##< The three bits behind RA: reserved, AD, CD.
	AD: bool;		##< Whether all data was validated (DNSSEC).
	CD: bool;		##< Whether the client will validate by itself (DNSSEC).
	num_queries: count;	##< Entries in the question section (zone section of an update).
	num_answers: count;	##< Records in the answer section (prerequisites of an update).
	num_auth: count;	##< Records in the authority section (changes of an update).
	num_addl: count;	##< Records in the additional section.
	is_netbios: bool;	##< Whether it is of the NetBIOS name service.
};

## What all resource records have.
type dns_answer: record {
	answer_type: count;	##< The section: ``DNS_ANS``, ``DNS_AUTH``, ``DNS_ADDL``, ``DNS_PREREQUISITE`` or ``DNS_UPDATE``.
	query: string;		##< The owner's name, in lower case.
	qtype: count;		##< The record's type.
	qclass: count;		##< The record's class.
	TTL: interval;		##< How long it may be cached.
};

## Start of authority.
type dns_soa: record {
	mname: string;		##< Primary server of the zone.
	rname: string;		##< Mailbox of who is responsible, with a dot for the ``@``.
	serial: count;		##< Version of the zone.
	refresh: interval;	##< Time between looks at the primary server.
	retry: interval;	##< Time to the next look after a failed one.
	expire: interval;	##< Time after which the zone is stale without a look.
	minimum: interval;	##< How long a name's absence may be cached.
};

## The pseudo record OPT of EDNS.
type dns_edns_additional: record {
	query: string;		##< The owner's name, which is to be the root (empty).
	qtype: count;		##< The type, 41.
	t: count;		##< The section, as in :bro:type:`dns_answer`.
	payload_size: count;	##< The UDP payload that the sender can take.
	extended_rcode: count;	##< The high 8 bits of the 12 bit rcode.
	version: count;		##< Version of EDNS.
	z_field: count;		##< Flags; 0x8000 is DO, DNSSEC records are wanted.
	TTL: interval;		##< The word that has the three above, taken as a TTL.
	is_query: count;	##< 1 in queries, 0 in replies.
};

## EDNS client subnet: on whose behalf is asked.
type dns_edns_ecs: record {
	family: string;			##< ``v4`` or ``v6``.
	source_prefix_len: count;	##< Significant bits of the address in the query.
	scope_prefix_len: count;	##< Bits that the reply is good for.
	address: addr;			##< The address, with zeros behind its prefix.
};

## EDNS TCP keepalive: how long an idle connection is kept.
type dns_edns_tcp_keepalive: record {
	keepalive_timeout_omitted: bool;	##< Whether there was no timeout, as in queries.
	keepalive_timeout: count;		##< The timeout in units of 100 milliseconds.
};

## EDNS cookie: a light protection against spoofing.
type dns_edns_cookie: record {
	client_cookie: string;			##< The client's 8 bytes.
	server_cookie: string &optional;	##< The server's 8 to 32 bytes.
};

## Key establishment.
type dns_tkey: record {
	query: string;		##< The key's name.
	qtype: count;		##< The type, 249.
	alg_name: string;	##< The algorithm's name.
	inception: time;	##< Valid from.
	expiration: time;	##< Valid until.
	mode: count;		##< 1 server assigns, 2 Diffie-Hellman, 3 GSS-API, 4 resolver assigns, 5 delete.
	rr_error: count;	##< An rcode.
	key_data: string;	##< Data of the mode.
	is_query: count;	##< 1 in queries, 0 in replies.
};

## Signature of a transaction.
type dns_tsig_additional: record {
	query: string;		##< The key's name.
	qtype: count;		##< The type, 250.
	alg_name: string;	##< The algorithm's name.
	sig: string;		##< The message authentication code.
	time_signed: time;	##< When it was signed.
	fudge: time;		##< Seconds the clocks may differ.
	orig_id: count;		##< The message's id before forwarding.
	rr_error: count;	##< An rcode.
	is_query: count;	##< 1 in queries, 0 in replies.
};

## Signature over a set of records.
type dns_rrsig_rr: record {
	query: string;		##< The owner's name.
	answer_type: count;	##< The section, as in :bro:type:`dns_answer`.
	type_covered: count;	##< Type of the records signed.
	algorithm: count;	##< Algorithm (``DNS::algorithms``).
	labels: count;		##< Labels of the owner's name; fewer than it has if it came from a wildcard.
	orig_ttl: interval;	##< TTL in the zone.
	sig_exp: time;		##< Valid until.
	sig_incep: time;	##< Valid from.
	key_tag: count;		##< Which of the signer's keys.
	signer_name: string;	##< The zone whose key it is.
	signature: string;	##< The signature.
	is_query: count;	##< 1 in queries, 0 in replies.
};

## Public key of a zone.
type dns_dnskey_rr: record {
	query: string;		##< The owner's name.
	answer_type: count;	##< The section, as in :bro:type:`dns_answer`.
	flags: count;		##< 256 zone key, 257 with the secure entry point bit.
	protocol: count;	##< Always 3.
	algorithm: count;	##< Algorithm (``DNS::algorithms``).
	public_key: string;	##< The key in the algorithm's format.
	is_query: count;	##< 1 in queries, 0 in replies.
};

## Denial of existence by hashed names.
type dns_nsec3_rr: record {
	query: string;			##< The owner's name.
	answer_type: count;		##< The section, as in :bro:type:`dns_answer`.
	nsec_flags: count;		##< 1: unsigned delegations may be left out.
	nsec_hash_algo: count;		##< Hash algorithm; 1 is SHA-1.
	nsec_iter: count;		##< Additional rounds of hashing.
	nsec_salt_len: count;		##< Length of the salt.
	nsec_salt: string;		##< The salt.
	nsec_hlen: count;		##< Length of the hash.
	nsec_hash: string;		##< Hash of the next name.
	bitmaps: vector of string;	##< Bit maps of the types that exist, one for each block of 256 types.
	is_query: count;		##< 1 in queries, 0 in replies.
};

## How the names of a zone are hashed.
type dns_nsec3param_rr: record {
	query: string;		##< The owner's name.
	answer_type: count;	##< The section, as in :bro:type:`dns_answer`.
	nsec_flags: count;	##< Always 0.
	nsec_hash_algo: count;	##< Hash algorithm; 1 is SHA-1.
	nsec_iter: count;	##< Additional rounds of hashing.
	nsec_salt_len: count;	##< Length of the salt.
	nsec_salt: string;	##< The salt.
	is_query: count;	##< 1 in queries, 0 in replies.
};

## Digest of a child zone's key.
type dns_ds_rr: record {
	query: string;		##< The owner's name.
	answer_type: count;	##< The section, as in :bro:type:`dns_answer`.
	key_tag: count;		##< Which of the child's keys.
	algorithm: count;	##< The key's algorithm (``DNS::algorithms``).
	digest_type: count;	##< The digest's algorithm (``DNS::digests``).
	digest_val: string;	##< The digest.
	is_query: count;	##< 1 in queries, 0 in replies.
};

## BIND's note on how far the signing of a zone is, of private type 65534.
type dns_binds_rr: record {
	query: string;		##< The owner's name.
	answer_type: count;	##< The section, as in :bro:type:`dns_answer`.
	algorithm: count;	##< Algorithm (``DNS::algorithms``).
	key_id: count;		##< Which key.
	removal_flag: count;	##< Whether the signatures are being removed.
	complete_flag: count;	##< Whether the work is done.
	is_query: count;	##< 1 in queries, 0 in replies.
};

## A place on earth.  The numbers are as encoded on the wire.
type dns_loc_rr: record {
	query: string;		##< The owner's name.
	answer_type: count;	##< The section, as in :bro:type:`dns_answer`.
	version: count;		##< Always 0.
	size: count;		##< Diameter in centimetres: high digit times ten to the power of the low digit.
	horiz_pre: count;	##< Horizontal precision, encoded alike.
	vert_pre: count;	##< Vertical precision, encoded alike.
	latitude: count;	##< Thousandths of a second of arc; the equator is 2^31.
	longitude: count;	##< Thousandths of a second of arc; the prime meridian is 2^31.
	altitude: count;	##< Centimetres above 100 000 metres below the reference spheroid.
	is_query: count;	##< 1 in queries, 0 in replies.
};

## A parameter of a service binding.  Which field is set depends on the key.
type dns_svcb_param: record {
	key: count;				##< Which parameter (``DNS::svcparam_keys``).
	mandatory: vector of count &optional;	##< 0: keys that a client must understand.
	alpn: vector of string &optional;	##< 1: protocols on offer.
	p: count &optional;			##< 3: port.
	hint: vector of addr &optional;		##< 4 and 6: addresses to try.
	ech: string &optional;			##< 5: configuration for encrypted ClientHello.
	raw: string &optional;			##< Any other: the value as it is.
};

## Parameters of a service binding.
type dns_svcb_param_vec: vector of dns_svcb_param;

## A service binding, of type SVCB or HTTPS.
type dns_svcb_rr: record {
	svc_priority: count;			##< Lower is preferred; 0 makes it an alias.
	target_name: string;			##< Where the service is; empty: at the owner's name.
	svc_params: dns_svcb_param_vec &optional;	##< How to reach it.
};

## A rule for rewriting a name or number.
type dns_naptr_rr: record {
	order: count;		##< Rules are tried in this order.
	preference: count;	##< Preference among rules of the same order.
	flags: string;		##< How the result is to be taken: ``s``, ``a``, ``u``, ``p``.
	service: string;	##< Service and protocols.
	regexp: string;		##< How to rewrite.
	replacement: string;	##< The next name, if there is no regular expression.
};

## A DNS message, after its header was read.
##
## c: The connection.
## is_orig: Whether the originator sent it.
## msg: The header.
## len: Length of the message in bytes.
event dns_message(c: connection, is_orig: bool, msg: dns_msg, len: count);

## A question of a query.  Queries seldom have more than one.
##
## c: The connection.
## msg: The header.
## query: The name, in lower case.
## qtype: The type asked for.
## qclass: The class asked for.
## original_query: The name as spelled in the message.
event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count, original_query: string);

## A reply without any record.  Parameters are those of the question that the reply repeats.
##
## c: The connection.
## msg: The header.
## query: The name, in lower case.
## qtype: The type asked for.
## qclass: The class asked for.
## original_query: The name as spelled in the message.
event dns_rejected(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count, original_query: string);

## A question repeated in a reply that has records in any section.
##
## c: The connection.
## msg: The header.
## query: The name, in lower case.
## qtype: The type asked for.
## qclass: The class asked for.
## original_query: The name as spelled in the message.
event dns_query_reply(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count, original_query: string);

## The end of a message all of whose records were read.
##
## c: The connection.
## msg: The header.
event dns_end(c: connection, msg: dns_msg);

## An address record.
##
## c: The connection.
## msg: The header.
## ans: The record.
## a: The IPv4 address.
event dns_A_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr);

## An IPv6 address record.
##
## c: The connection.
## msg: The header.
## ans: The record.
## a: The IPv6 address.
event dns_AAAA_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr);

## An address record of the abandoned type A6.
##
## c: The connection.
## msg: The header.
## ans: The record.
## a: The part of the IPv6 address that the record has itself.
event dns_A6_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr);

## A name server of a zone.
##
## c: The connection.
## msg: The header.
## ans: The record.
## name: The server's name.
event dns_NS_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string);

## An alias.
##
## c: The connection.
## msg: The header.
## ans: The record.
## name: The name it stands for.
event dns_CNAME_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string);

## A pointer to a name, such as from an address.
##
## c: The connection.
## msg: The header.
## ans: The record.
## name: The name.
event dns_PTR_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string);

## A start of authority.
##
## c: The connection.
## msg: The header.
## ans: The record.
## soa: Its data.
event dns_SOA_reply(c: connection, msg: dns_msg, ans: dns_answer, soa: dns_soa);

## A record of well-known services.
##
## c: The connection.
## msg: The header.
## ans: The record.
event dns_WKS_reply(c: connection, msg: dns_msg, ans: dns_answer);

## Host information.
##
## c: The connection.
## msg: The header.
## ans: The record.
## cpu: The host's hardware.
## os: The host's operating system.
event dns_HINFO_reply(c: connection, msg: dns_msg, ans: dns_answer, cpu: string, os: string);

## A mail exchange.
##
## c: The connection.
## msg: The header.
## ans: The record.
## name: Name of the mail server.
## preference: Lower is preferred.
event dns_MX_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string, preference: count);

## Text.
##
## c: The connection.
## msg: The header.
## ans: The record.
## strs: The strings of the record.
event dns_TXT_reply(c: connection, msg: dns_msg, ans: dns_answer, strs: string_vec);

## A sender policy of the abandoned type SPF.
##
## c: The connection.
## msg: The header.
## ans: The record.
## strs: The strings of the record.
event dns_SPF_reply(c: connection, msg: dns_msg, ans: dns_answer, strs: string_vec);

## Who may issue certificates for a name.
##
## c: The connection.
## msg: The header.
## ans: The record.
## flags: 128: an issuer that does not understand the tag must not issue.
## tag: Which property, such as ``issue``.
## value: The property's value.
event dns_CAA_reply(c: connection, msg: dns_msg, ans: dns_answer, flags: count, tag: string, value: string);

## Where a service is.
##
## c: The connection.
## msg: The header.
## ans: The record.
## target: The server's name.
## priority: Lower is preferred.
## weight: Share among those of the same priority.
## p: The server's port.
event dns_SRV_reply(c: connection, msg: dns_msg, ans: dns_answer, target: string, priority: count, weight: count, p: count);

## A rule for rewriting a name or number.
##
## c: The connection.
## msg: The header.
## ans: The record.
## naptr: Its data.
event dns_NAPTR_reply(c: connection, msg: dns_msg, ans: dns_answer, naptr: dns_naptr_rr);

## A record of a type that has no event of its own.
##
## c: The connection.
## msg: The header.
## ans: The record.
event dns_unknown_reply(c: connection, msg: dns_msg, ans: dns_answer);

## EDNS: what the sender is able to do.
##
## c: The connection.
## msg: The header.
## ans: The record.
event dns_EDNS_addl(c: connection, msg: dns_msg, ans: dns_edns_additional);

## EDNS option client subnet.
##
## c: The connection.
## msg: The header.
## opt: The option.
event dns_EDNS_ecs(c: connection, msg: dns_msg, opt: dns_edns_ecs);

## EDNS option TCP keepalive.
##
## c: The connection.
## msg: The header.
## opt: The option.
event dns_EDNS_tcp_keepalive(c: connection, msg: dns_msg, opt: dns_edns_tcp_keepalive);

## EDNS option cookie.
##
## c: The connection.
## msg: The header.
## opt: The option.
event dns_EDNS_cookie(c: connection, msg: dns_msg, opt: dns_edns_cookie);

## Establishment of a secret key.
##
## c: The connection.
## msg: The header.
## ans: The record.
event dns_TKEY(c: connection, msg: dns_msg, ans: dns_tkey);

## A message's signature.
##
## c: The connection.
## msg: The header.
## ans: The record.
event dns_TSIG_addl(c: connection, msg: dns_msg, ans: dns_tsig_additional);

## DNSSEC: a signature over a set of records.
##
## c: The connection.
## msg: The header.
## ans: The record.
## rrsig: Its data.
event dns_RRSIG(c: connection, msg: dns_msg, ans: dns_answer, rrsig: dns_rrsig_rr);

## DNSSEC: a zone's public key.
##
## c: The connection.
## msg: The header.
## ans: The record.
## dnskey: Its data.
event dns_DNSKEY(c: connection, msg: dns_msg, ans: dns_answer, dnskey: dns_dnskey_rr);

## DNSSEC: that there is nothing between two names, and which types there are at the first.
##
## c: The connection.
## msg: The header.
## ans: The record.
## next_name: The next name of the zone.
## bitmaps: Bit maps of the types that exist, one for each block of 256 types.
event dns_NSEC(c: connection, msg: dns_msg, ans: dns_answer, next_name: string, bitmaps: string_vec);

## DNSSEC: the same by hashed names.
##
## c: The connection.
## msg: The header.
## ans: The record.
## nsec3: Its data.
event dns_NSEC3(c: connection, msg: dns_msg, ans: dns_answer, nsec3: dns_nsec3_rr);

## DNSSEC: how a zone's names are hashed.
##
## c: The connection.
## msg: The header.
## ans: The record.
## nsec3param: Its data.
event dns_NSEC3PARAM(c: connection, msg: dns_msg, ans: dns_answer, nsec3param: dns_nsec3param_rr);

## DNSSEC: a digest of a child zone's key.
##
## c: The connection.
## msg: The header.
## ans: The record.
## ds: Its data.
event dns_DS(c: connection, msg: dns_msg, ans: dns_answer, ds: dns_ds_rr);

## BIND's note on the signing of a zone.
##
## c: The connection.
## msg: The header.
## ans: The record.
## binds: Its data.
event dns_BINDS(c: connection, msg: dns_msg, ans: dns_answer, binds: dns_binds_rr);

## Fingerprint of an SSH host key.
##
## c: The connection.
## msg: The header.
## ans: The record.
## algo: The key's algorithm.
## fptype: The hash of the fingerprint.
## fingerprint: The fingerprint.
event dns_SSHFP(c: connection, msg: dns_msg, ans: dns_answer, algo: count, fptype: count, fingerprint: string);

## A place on earth.
##
## c: The connection.
## msg: The header.
## ans: The record.
## loc: Its data.
event dns_LOC(c: connection, msg: dns_msg, ans: dns_answer, loc: dns_loc_rr);

## A service binding.
##
## c: The connection.
## msg: The header.
## ans: The record.
## svcb: Its data.
event dns_SVCB(c: connection, msg: dns_msg, ans: dns_answer, svcb: dns_svcb_rr);

## A service binding for HTTP.
##
## c: The connection.
## msg: The header.
## ans: The record.
## https: Its data.
event dns_HTTPS(c: connection, msg: dns_msg, ans: dns_answer, https: dns_svcb_rr);

## A dynamic update of a zone.
##
## c: The connection.
## msg: The header.
## zname: The zone.
## zclass: The zone's class.
event dns_dynamic_update(c: connection, msg: dns_msg, zname: string, zclass: count);

## A prerequisite of a dynamic update: what must exist, or must not, for it to be carried out.
##
## c: The connection.
## msg: The header.
## ans: The record; class 255: must exist, class 254: must not.
event dns_dynamic_update_pre(c: connection, msg: dns_msg, ans: dns_answer);

## A deletion in a dynamic update.  Additions raise the event of their type, with ``DNS_UPDATE`` as the section.
##
## c: The connection.
## msg: The header.
## ans: What is deleted; class 255: all records of that name and type, class 254: one record.
event dns_dynamic_update_del(c: connection, msg: dns_msg, ans: dns_answer);
