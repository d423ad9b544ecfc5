event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string, version: string)
	{
	print original_URI;
	if ( original_URI == "/pixel.png" )
		terminate();
	}
event zeek_done() { print "done"; }
