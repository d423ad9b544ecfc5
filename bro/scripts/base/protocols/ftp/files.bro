##! Files that FTP carries: which command they belong to.

@load base/frameworks/files
@load ./main
@load ./utils

module FTP;

export {
	## Tells files of a data connection apart.
	##
	## c: the data connection.
	##
	## is_orig: whether its originator sends the file.
	##
	## Returns: what is the same for the same file and for nothing else; empty if nobody expects the connection.
	global get_file_handle: function(c: connection, is_orig: bool): string;

	## Describes a file in a few words.
	##
	## f: the file.
	##
	## Returns: its URL.
	global describe_file: function(f: fa_file): string;
}

redef record fa_file += {
	## The session that it was transferred in.
	ftp: FTP::Info &optional;
};

function get_file_handle(c: connection, is_orig: bool): string
	{
	if ( [c$id$resp_h, c$id$resp_p] !in ftp_data_expected )
		return "";

	return cat(Analyzer::ANALYZER_FTP_DATA, c$start_time, c$id, is_orig);
	}

function describe_file(f: fa_file): string
	{
	return f?$ftp ? describe(f$ftp) : "";
	}

event zeek_init() &priority=5
	{
	Files::register_protocol(Analyzer::ANALYZER_FTP_DATA,
	                         Files::ProtoRegistration($get_file_handle=FTP::get_file_handle,
	                                                  $describe=FTP::describe_file));
	}

event file_over_new_connection(f: fa_file, c: connection, is_orig: bool) &priority=5
	{
	if ( f$source != "FTP_DATA" || [c$id$resp_h, c$id$resp_p] !in ftp_data_expected )
		return;

	f$ftp = ftp_data_expected[c$id$resp_h, c$id$resp_p];
	f$ftp$fuid = f$id;
	}

event file_sniff(f: fa_file, meta: fa_metadata) &priority=5
	{
	# Unless the session has gone on to something else.
	if ( f?$ftp && f$ftp?$fuid && f$ftp$fuid == f$id && meta?$mime_type )
		f$ftp$mime_type = meta$mime_type;
	}
