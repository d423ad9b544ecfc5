##! Digests of files in their log.  Which files get one is the site's to say: see policy/frameworks/files/hash-all-files.

@load base/frameworks/files

module FileHash;

redef record Files::Info += {
	## MD5 digest, if it was asked for.
	md5: string &log &optional;
	## SHA-1 digest, if it was asked for.
	sha1: string &log &optional;
	## SHA-256 digest, if it was asked for.
	sha256: string &log &optional;
};

event file_hash(f: fa_file, kind: string, hash: string) &priority=5
	{
	if ( ! f?$info )
		return;
	switch ( kind ) {
	case "md5":
		f$info$md5 = hash;
		break;
	case "sha1":
		f$info$sha1 = hash;
		break;
	case "sha256":
		f$info$sha256 = hash;
		break;
	}
	}
