##! Notes the web applications that servers run, by the signatures whose names begin with "webapp-": those in
##! `detect-webapps.sig`, and a site's own.

@load base/frameworks/signatures
@load base/frameworks/software
@load base/protocols/http
@load-sigs ./detect-webapps

module HTTP;

export {
	redef enum Software::Type += {
		## An application that is used by a browser.
		WEB_APPLICATION,
	};

	redef record Software::Info += {
		## The address of the application.
		url: string &optional &log;
	};
}

# They are no attacks.
redef Signatures::ignored_ids += /^webapp-/;

event signature_match(state: signature_state, msg: string, data: string) &priority=5
	{
	if ( /^webapp-/ !in state$sig_id || ! state$conn?$http )
		return;

	local c = state$conn;
	local found = Software::Info($unparsed_version=msg, $host=c$id$resp_h, $host_p=c$id$resp_p,
	                             $software_type=WEB_APPLICATION);

	if ( c$http?$uri )
		found$url = build_url_http(c$http);

	Software::found(c$id, found);
	}
