##! A fingerprint of clients of TLS, whose analyzer is still to come: it loads, and one warning says what is not called.

@load base/protocols/ssl

module Prints;

export {
	redef enum Log::ID += { LOG };

	type Print: record {
		client_version: count &default=0 &log;
		ciphers: string &default="" &log;
	};

	redef record connection += { print_: Print &optional; };
	redef record SSL::Info += { fingerprint: string &optional &log; };
}

event zeek_init()
	{
	Log::create_stream(LOG, [$columns=Print, $path="prints"]);
	Log::add_filter(SSL::LOG, [$name="prints", $path="ssl_prints", $pred(rec: SSL::Info) = { return rec?$fingerprint; }]);
	}

event ssl_client_hello(c: connection, version: count, record_version: count, possible_ts: time, client_random: string,
                       session_id: string, ciphers: index_vec, comp_methods: index_vec)
	{
	c$print_ = Print($client_version=version);
	for ( _, cipher in ciphers )
		c$print_$ciphers += cat(cipher);
	c$ssl$fingerprint = md5_hash(c$print_$ciphers);
	}

event ssl_extension(c: connection, is_client: bool, code: count, val: string)
	{
	print code;
	}

hook SSL::log_policy(rec: SSL::Info, id: Log::ID, filter: Log::Filter)
	{
	if ( ! rec?$server_name )
		break;
	}

event x509_certificate(f: fa_file, cert_ref: opaque of x509, cert: X509::Certificate)
	{
	print cert$subject;
	}
