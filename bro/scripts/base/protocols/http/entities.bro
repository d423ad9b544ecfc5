##! Entities of HTTP: a message's body, or one part of a body that has several.

@load base/utils/files
@load ./main

module HTTP;

export {
	## What is known of an entity.
	type Entity: record {
		## The name that its header gives it.
		filename: string &optional;
	};
}

redef record Info += {
	## The entity whose header was seen last.
	current_entity: Entity &optional;
	## Entities of the request so far.
	orig_mime_depth: count &default=0;
	## Entities of the reply so far.
	resp_mime_depth: count &default=0;
};

event http_begin_entity(c: connection, is_orig: bool) &priority=10
	{
	set_state(c, is_orig);

	if ( is_orig )
		++c$http$orig_mime_depth;
	else
		++c$http$resp_mime_depth;

	c$http$current_entity = Entity();
	}

event http_header(c: connection, is_orig: bool, original_name: string, name: string, value: string) &priority=3
	{
	if ( ( name == "CONTENT-DISPOSITION" && /[fF][iI][lL][eE][nN][aA][mM][eE]/ in value ) ||
	     ( name == "CONTENT-TYPE" && /[nN][aA][mM][eE][[:blank:]]*=/ in value ) )
		{
		if ( ! c$http?$current_entity )
			c$http$current_entity = Entity();

		c$http$current_entity$filename = extract_filename_from_content_disposition(value);
		}
	}

event http_end_entity(c: connection, is_orig: bool) &priority=5
	{
	if ( c?$http && c$http?$current_entity )
		delete c$http$current_entity;
	}
