##! Options of the reader of files in pieces.

module InputBinary;

export {
	## Size of the pieces in bytes.
	const chunk_size = 1024 &redef;

	## Where files with relative paths are.
	const path_prefix = "" &redef;
}
