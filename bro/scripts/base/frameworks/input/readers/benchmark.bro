##! Options of the reader that makes random rows, to see what a stream can take.

module InputBenchmark;

export {
	## The number of rows is multiplied by this after each look.
	const factor = 1.0 &redef;

	## Kept for scripts that set it: pause between rows, in microseconds.
	const spread = 0 &redef;

	## Kept for scripts that set it: share of the time until the next look over which rows are spread.
	const autospread = 0.0 &redef;

	## The number of rows grows by this after each look.
	const addfactor = 0 &redef;

	## From this number of rows on, it does not grow any more; 0 for no such number.
	const stopspreadat = 0 &redef;

	## Kept for scripts that set it: rows for each second.
	const timedspread = 0.0 &redef;
}
