##! Raises a notice when an indicator is seen whose data ask for that, in a column ``meta.do_notice``.

@load base/frameworks/intel
@load base/frameworks/notice

module Intel;

export {
	redef enum Notice::Type += {
		## An indicator was seen.
		Intel::Notice
	};

	redef record Intel::MetaData += {
		## Whether to raise a notice when it is seen.
		do_notice: bool &default=F;
		## Only when it is seen there.
		if_in: Intel::Where &optional;
	};
}

event Intel::match(s: Seen, items: set[Item])
	{
	for ( item in items )
		{
		if ( ! item$meta$do_notice || (item$meta?$if_in && s$where != item$meta$if_in) )
			next;

		local n = Notice::Info($note=Intel::Notice, $msg=fmt("Intel hit on %s at %s", s$indicator, s$where),
		                       $sub=s$indicator, $identifier=cat(s$indicator, s$where));
		local details: vector of string = vector();
		if ( item$meta?$desc )
			details += fmt("%s: %s", item$meta$source, item$meta$desc);
		if ( item$meta?$url )
			details += item$meta$url;
		if ( |details| > 0 )
			n$email_body_sections = details;

		if ( s?$conn )
			n$conn = s$conn;
		if ( s?$f )
			n$f = s$f;
		NOTICE(n);
		}
	}
