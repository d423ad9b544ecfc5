##! What scripts about FTP have in common.

@load base/utils/addrs
@load base/utils/paths
@load ./info

module FTP;

export {
	## Makes the URL of what a command is about, without a scheme.
	##
	## rec: the command.
	##
	## Returns: the server and the path; empty for a command that is about nothing.
	global build_url: function(rec: Info): string;

	## Makes the URL of what a command is about.
	##
	## rec: the command.
	##
	## Returns: the same with ``ftp://`` in front.
	global build_url_ftp: function(rec: Info): string;

	## Describes a command in a few words.
	##
	## rec: the command.
	global describe: function(rec: Info): string;

	## The path of what a command is about.
	##
	## rec: the command.
	##
	## arg: what the command is about.
	##
	## Returns: the absolute path; if it is not known where the client is, it begins with ``/./``.
	global absolute_path: function(rec: Info, arg: string): string;
}

function absolute_path(rec: Info, arg: string): string
	{
	if ( absolute_path_pat == arg )
		return compress_path(arg);

	if ( rec$cwd == "." )
		return cat("/./", arg);

	local path = build_path_compressed(rec$cwd, arg);
	return starts_with(path, "/") ? path : cat("/", path);
	}

function build_url(rec: Info): string
	{
	if ( ! rec?$cmdarg || rec$cmdarg$arg == "" )
		return "";

	local path = absolute_path(rec, rec$cmdarg$arg);
	return cat(addr_to_uri(rec$id$resp_h), starts_with(path, "/") ? "" : "/", path);
	}

function build_url_ftp(rec: Info): string
	{
	return cat("ftp://", build_url(rec));
	}

function describe(rec: Info): string
	{
	return build_url_ftp(rec);
	}
