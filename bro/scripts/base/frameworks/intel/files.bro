##! Indicators that are about files, and the files in which indicators were seen.

@load ./main
@load base/frameworks/files

module Intel;

export {
	redef enum Type += {
		## A digest of a file's content, in any of the usual ways.
		FILE_HASH,
		## Name of a file.
		FILE_NAME,
	};

	redef record Info += {
		## Id of the file.
		fuid: string &log &optional;
		## MIME type of its content.
		file_mime_type: string &log &optional;
		## What protocols say of it, such as its name.
		file_desc: string &log &optional;
	};

	redef record Seen += {
		## The file it was in.
		f: fa_file &optional;
		## The file's id, if there is no more of it.
		fuid: string &optional;
	};
}

hook extend_match(info: Info, s: Seen, items: set[Item]) &priority=6
	{
	if ( s?$f )
		{
		s$fuid = s$f$id;

		if ( s$f?$conns && |s$f$conns| == 1 )
			for ( _, c in s$f$conns )
				s$conn = c;

		if ( ! info?$file_mime_type && s$f?$info && s$f$info?$mime_type )
			info$file_mime_type = s$f$info$mime_type;

		if ( ! info?$file_desc )
			info$file_desc = Files::describe(s$f);
		}

	if ( s?$fuid )
		info$fuid = s$fuid;
	}
