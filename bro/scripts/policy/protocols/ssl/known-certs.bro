##! Logs each certificate of a host once a day.  Certificates are told by the event :bro:see:`Known::cert_found`; the
##! analyzer of TLS that raises it is still to come, until when it is for scripts that know of certificates otherwise.

@load base/utils/directions-and-hosts
@load base/frameworks/cluster

## A certificate was seen that is to be logged, unless it is known.
##
## info: the row for it.
##
## hash: digest of the certificate.
global known_cert_add: event(info: Known::CertsInfo, hash: string);

module Known;

export {
	redef enum Log::ID += { CERTS_LOG };

	global log_policy_certs: Log::PolicyHook;

	## A row of known_certs.log.
	type CertsInfo: record {
		## When.
		ts: time &log;
		## The host that showed the certificate.
		host: addr &log;
		## The port it showed it at.
		port_num: port &log &optional;
		## Whose it is.
		subject: string &log &optional;
		## Who made it.
		issuer_subject: string &log &optional;
		## Its number.
		serial: string &log &optional;
	};

	## A certificate of a host.
	type AddrCertHashPair: record {
		## The host.
		host: addr;
		## Digest of the certificate.
		hash: string;
	};

	## Whether what is known is kept in a Broker store, which may outlive a run, instead of :bro:id:`Known::certs`.
	const use_cert_store = F &redef;

	## Hosts whose certificates are noted.
	option cert_tracking = LOCAL_HOSTS;

	## That store.
	global cert_store: Cluster::StoreInfo;

	## Name of the store.
	const cert_store_name = "zeek/known/certs" &redef;

	## How long a certificate is known.
	option cert_store_expiry = 1 day;

	## How long to wait for the store; after that the certificate is logged, known or not.
	option cert_store_timeout = 15 sec;

	## Certificates that are known, by host and digest.
	global certs: set[addr, string] &create_expire=1 day &redef;

	## A host has shown a certificate.
	##
	## info: the row for it.
	##
	## hash: digest of the certificate.
	global cert_found: event(info: CertsInfo, hash: string);

	## Raised with every row of known_certs.log.
	global log_known_certs: event(rec: CertsInfo);
}

event zeek_init() &priority=5
	{
	Log::create_stream(Known::CERTS_LOG, Log::Stream($columns=CertsInfo, $ev=log_known_certs, $path="known_certs",
	                                                 $policy=log_policy_certs));

	if ( use_cert_store )
		cert_store = Cluster::create_store(cert_store_name);
	}

event Known::cert_found(info: CertsInfo, hash: string)
	{
	if ( ! addr_matches_host(info$host, cert_tracking) )
		return;

	if ( ! use_cert_store )
		{
		if ( [info$host, hash] !in Known::certs )
			event known_cert_add(info, hash);
		return;
		}

	local key = AddrCertHashPair($host=info$host, $hash=hash);
	when [info, key] ( local r = Broker::put_unique(cert_store$store, key, T, cert_store_expiry) )
		{
		if ( r$status != Broker::SUCCESS )
			Reporter::error(fmt("the store %s fails", cert_store_name));
		else if ( r$result as bool )
			Log::write(Known::CERTS_LOG, info);
		}
	timeout cert_store_timeout
		{
		Log::write(Known::CERTS_LOG, info);
		}
	}

event known_cert_add(info: CertsInfo, hash: string)
	{
	if ( [info$host, hash] in Known::certs )
		return;

	add Known::certs[info$host, hash];
	Log::write(Known::CERTS_LOG, info);
	}
