# The beginnings of both sides, as they are told.

event tcp_banner(c: connection, is_orig: bool, contents: string, first: bool, certain: bool)
	{
	local text = |contents| > 60 ? fmt("%s... (%d bytes)", contents[0:60], |contents|) : contents;
	print fmt("%s %s %s %s: %s", c$id$orig_p, is_orig ? "client" : "server", first ? "first" : "second",
	          certain ? "certain" : "uncertain", text);
	}
