##! Options of the reader of databases of SQLite.

module InputSQLite;

export {
	## Separates the elements of sets and vectors.
	const set_separator = Input::set_separator &redef;

	## Stands for an empty string, set or vector.
	const empty_field = Input::empty_field &redef;

	## Stands for an element of a set or vector without value.
	const unset_field = Input::unset_field &redef;
}
