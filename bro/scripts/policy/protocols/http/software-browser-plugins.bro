##! Notes plugins of browsers that requests of HTTP name.

@load base/protocols/http
@load base/frameworks/software

module HTTP;

export {
	redef enum Software::Type += {
		## A plugin of a browser.
		BROWSER_PLUGIN,
	};

	redef record Info += {
		## Whether the request is one of Omniture, whose URIs name plugins.
		omniture: bool &default=F;
		## Version of Flash that the request names.
		flash_version: string &optional;
	};
}

event http_header(c: connection, is_orig: bool, name: string, value: string) &priority=3
	{
	if ( is_orig && name == "X-FLASH-VERSION" )
		{
		# Commas stand between its numbers.
		local version = gsub(value, /,/, ".");
		c$http$flash_version = version;
		Software::found(c$id, Software::Info($unparsed_version=fmt("Flash/%s", version), $host=c$id$orig_h,
		                                     $software_type=BROWSER_PLUGIN));
		}
	else if ( ! is_orig && name == "SERVER" && /^Omniture/ in value )
		c$http$omniture = T;
	}

event http_message_done(c: connection, is_orig: bool, stat: http_message_stat)
	{
	if ( is_orig || ! c$http$omniture || ! c$http?$uri )
		return;

	local found = find_all_ordered(c$http$uri, /&p=([^&]+)/);
	if ( |found| == 0 )
		return;

	# Names of plugins end with a semicolon each.
	local plugins = split_string(unescape_URI(found[0][3:]), /;/);
	for ( i in plugins )
		if ( plugins[i] != "" )
			Software::found(c$id, Software::Info($unparsed_version=plugins[i], $host=c$id$orig_h,
			                                     $software_type=BROWSER_PLUGIN));
	}
