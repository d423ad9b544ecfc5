##! What the `local.bro` of a site looks like: the scripts that sites load, whether their analyzers are there or not.

@load misc/loaded-scripts
@load tuning/defaults
@load misc/capture-loss
@load misc/stats
@load frameworks/software/vulnerable
@load frameworks/software/version-changes
@load-sigs frameworks/signatures/detect-windows-shells
@load protocols/ftp/software
@load protocols/smtp/software
@load protocols/ssh/software
@load protocols/http/software
@load protocols/dns/detect-external-names
@load protocols/ftp/detect
@load protocols/conn/known-hosts
@load protocols/conn/known-services
@load protocols/ssl/known-certs
@load protocols/ssl/validate-certs
@load protocols/ssh/detect-bruteforcing
@load protocols/http/detect-sqli
@load protocols/http/detect-webapps
@load frameworks/files/hash-all-files
@load frameworks/files/detect-MHR
@load frameworks/notice/extend-email/hostnames
@load integration/collective-intel

redef Site::local_nets += { 192.0.2.0/24 };
redef Site::local_zones += { "example.com" };
redef Notice::mail_dest = "admin@example.com";
redef SSH::password_guesses_limit = 10;
redef LogAscii::json_timestamps = JSON::TS_ISO8601;

hook Notice::policy(n: Notice::Info)
	{
	if ( n$note in set(SSH::Password_Guessing, HTTP::SQL_Injection_Attacker) )
		add n$actions[Notice::ACTION_EMAIL];
	}

event ssl_established(c: connection)
	{
	if ( c$ssl?$server_name )
		print c$ssl$server_name;
	}

# All paths of scripts are those of one machine.
hook LoadedScripts::log_policy(rec: LoadedScripts::Info, id: Log::ID, filter: Log::Filter)
	{
	break;
	}

# The memory in use is never the same.
hook Stats::log_policy(rec: Stats::Info, id: Log::ID, filter: Log::Filter)
	{
	break;
	}
