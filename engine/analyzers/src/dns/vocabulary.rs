//! Events and record shapes of DNS; `events.bro` documents them for scripts.

bro_events::events! {
    /// Header of a message
    DNS_MESSAGE = dns_message(c, is_orig, msg, len);
    /// A question of a query
    DNS_REQUEST = dns_request(c, msg, query, qtype, qclass, original_query);
    /// A question repeated in a reply that has records
    DNS_QUERY_REPLY = dns_query_reply(c, msg, query, qtype, qclass, original_query);
    /// A question repeated in a reply without any record
    DNS_REJECTED = dns_rejected(c, msg, query, qtype, qclass, original_query);
    /// End of a message
    DNS_END = dns_end(c, msg);
    /// A record of a type without an event of its own
    DNS_UNKNOWN_REPLY = dns_unknown_reply(c, msg, ans);
    /// A
    DNS_A_REPLY = dns_A_reply(c, msg, ans, a);
    /// AAAA
    DNS_AAAA_REPLY = dns_AAAA_reply(c, msg, ans, a);
    /// A6
    DNS_A6_REPLY = dns_A6_reply(c, msg, ans, a);
    /// NS
    DNS_NS_REPLY = dns_NS_reply(c, msg, ans, name);
    /// CNAME
    DNS_CNAME_REPLY = dns_CNAME_reply(c, msg, ans, name);
    /// PTR
    DNS_PTR_REPLY = dns_PTR_reply(c, msg, ans, name);
    /// SOA
    DNS_SOA_REPLY = dns_SOA_reply(c, msg, ans, soa);
    /// WKS
    DNS_WKS_REPLY = dns_WKS_reply(c, msg, ans);
    /// HINFO
    DNS_HINFO_REPLY = dns_HINFO_reply(c, msg, ans, cpu, os);
    /// MX
    DNS_MX_REPLY = dns_MX_reply(c, msg, ans, name, preference);
    /// TXT
    DNS_TXT_REPLY = dns_TXT_reply(c, msg, ans, strs);
    /// SPF
    DNS_SPF_REPLY = dns_SPF_reply(c, msg, ans, strs);
    /// CAA
    DNS_CAA_REPLY = dns_CAA_reply(c, msg, ans, flags, tag, value);
    /// SRV
    DNS_SRV_REPLY = dns_SRV_reply(c, msg, ans, target, priority, weight, p);
    /// NAPTR
    DNS_NAPTR_REPLY = dns_NAPTR_reply(c, msg, ans, naptr);
    /// SSHFP
    DNS_SSHFP = dns_SSHFP(c, msg, ans, algo, fptype, fingerprint);
    /// LOC
    DNS_LOC = dns_LOC(c, msg, ans, loc);
    /// SVCB
    DNS_SVCB = dns_SVCB(c, msg, ans, svcb);
    /// HTTPS
    DNS_HTTPS = dns_HTTPS(c, msg, ans, https);
    /// RRSIG
    DNS_RRSIG = dns_RRSIG(c, msg, ans, rrsig);
    /// DNSKEY
    DNS_DNSKEY = dns_DNSKEY(c, msg, ans, dnskey);
    /// DS
    DNS_DS = dns_DS(c, msg, ans, ds);
    /// NSEC
    DNS_NSEC = dns_NSEC(c, msg, ans, next_name, bitmaps);
    /// NSEC3
    DNS_NSEC3 = dns_NSEC3(c, msg, ans, nsec3);
    /// NSEC3PARAM
    DNS_NSEC3PARAM = dns_NSEC3PARAM(c, msg, ans, nsec3param);
    /// BIND's private type
    DNS_BINDS = dns_BINDS(c, msg, ans, binds);
    /// TKEY
    DNS_TKEY = dns_TKEY(c, msg, ans);
    /// TSIG
    DNS_TSIG_ADDL = dns_TSIG_addl(c, msg, ans);
    /// OPT
    DNS_EDNS_ADDL = dns_EDNS_addl(c, msg, ans);
    /// EDNS client subnet
    DNS_EDNS_ECS = dns_EDNS_ecs(c, msg, opt);
    /// EDNS TCP keepalive
    DNS_EDNS_TCP_KEEPALIVE = dns_EDNS_tcp_keepalive(c, msg, opt);
    /// EDNS cookie
    DNS_EDNS_COOKIE = dns_EDNS_cookie(c, msg, opt);
    /// Zone of an update
    DNS_DYNAMIC_UPDATE = dns_dynamic_update(c, msg, zname, zclass);
    /// Prerequisite of an update
    DNS_DYNAMIC_UPDATE_PRE = dns_dynamic_update_pre(c, msg, ans);
    /// Deletion in an update
    DNS_DYNAMIC_UPDATE_DEL = dns_dynamic_update_del(c, msg, ans);
}

bro_events::records! {
    /// Header
    DNS_MSG = "dns_msg" {
        id, opcode, rcode, QR, AA, TC, RD, RA, Z, AD, CD, num_queries, num_answers, num_auth, num_addl, is_netbios,
    };
    /// Owner, type, class and TTL of a record
    DNS_ANSWER = "dns_answer" { answer_type, query, qtype, qclass, TTL };
    /// SOA
    DNS_SOA = "dns_soa" { mname, rname, serial, refresh, retry, expire, minimum };
    /// NAPTR
    DNS_NAPTR_RR = "dns_naptr_rr" { order, preference, flags, service, regexp, replacement };
    /// LOC
    DNS_LOC_RR = "dns_loc_rr" {
        query, answer_type, version, size, horiz_pre, vert_pre, latitude, longitude, altitude, is_query,
    };
    /// Parameter of SVCB and HTTPS
    DNS_SVCB_PARAM = "dns_svcb_param" { key, mandatory, alpn, p, hint, ech, raw };
    /// SVCB and HTTPS
    DNS_SVCB_RR = "dns_svcb_rr" { svc_priority, target_name, svc_params };
    /// RRSIG
    DNS_RRSIG_RR = "dns_rrsig_rr" {
        query, answer_type, type_covered, algorithm, labels, orig_ttl, sig_exp, sig_incep, key_tag, signer_name,
        signature, is_query,
    };
    /// DNSKEY
    DNS_DNSKEY_RR = "dns_dnskey_rr" { query, answer_type, flags, protocol, algorithm, public_key, is_query };
    /// DS
    DNS_DS_RR = "dns_ds_rr" { query, answer_type, key_tag, algorithm, digest_type, digest_val, is_query };
    /// NSEC3
    DNS_NSEC3_RR = "dns_nsec3_rr" {
        query, answer_type, nsec_flags, nsec_hash_algo, nsec_iter, nsec_salt_len, nsec_salt, nsec_hlen, nsec_hash,
        bitmaps, is_query,
    };
    /// NSEC3PARAM
    DNS_NSEC3PARAM_RR = "dns_nsec3param_rr" {
        query, answer_type, nsec_flags, nsec_hash_algo, nsec_iter, nsec_salt_len, nsec_salt, is_query,
    };
    /// BIND's private type
    DNS_BINDS_RR = "dns_binds_rr" { query, answer_type, algorithm, key_id, removal_flag, complete_flag, is_query };
    /// TKEY
    DNS_TKEY_RR = "dns_tkey" {
        query, qtype, alg_name, inception, expiration, mode, rr_error, key_data, is_query,
    };
    /// TSIG
    DNS_TSIG_RR = "dns_tsig_additional" {
        query, qtype, alg_name, sig, time_signed, fudge, orig_id, rr_error, is_query,
    };
    /// OPT
    DNS_EDNS_RR = "dns_edns_additional" {
        query, qtype, t, payload_size, extended_rcode, version, z_field, TTL, is_query,
    };
    /// EDNS client subnet
    DNS_EDNS_ECS_OPT = "dns_edns_ecs" { family, source_prefix_len, scope_prefix_len, address };
    /// EDNS TCP keepalive
    DNS_EDNS_KEEPALIVE_OPT = "dns_edns_tcp_keepalive" { keepalive_timeout_omitted, keepalive_timeout };
    /// EDNS cookie
    DNS_EDNS_COOKIE_OPT = "dns_edns_cookie" { client_cookie, server_cookie };
}
