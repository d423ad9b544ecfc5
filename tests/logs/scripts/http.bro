# Events of HTTP; content of the server that is not wanted.
event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string, version: string) { print "request", method, original_URI, unescaped_URI, version; }
event http_reply(c: connection, version: string, code: count, reason: string) { print "reply", version, code, reason; }
event http_header(c: connection, is_orig: bool, original_name: string, name: string, value: string) { print "header", is_orig, original_name, name, value; }
event http_all_headers(c: connection, is_orig: bool, hlist: mime_header_list) { print "all", is_orig, |hlist|; }
event http_content_type(c: connection, is_orig: bool, ty: string, subty: string) { print "type", is_orig, ty, subty; }
event http_begin_entity(c: connection, is_orig: bool) { print "begin", is_orig; }
event http_entity_data(c: connection, is_orig: bool, length: count, data: string) { print "data", is_orig, length, data[:10]; }
event http_end_entity(c: connection, is_orig: bool) { print "end", is_orig; }
event http_message_done(c: connection, is_orig: bool, stat: http_message_stat) { print "done", is_orig, stat; }
event http_stats(c: connection, stats: http_stats_rec) { print "stats", stats; }
