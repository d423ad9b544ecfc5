##! Forms of times in JSON.

module JSON;

export {
	## How a time is written.
	type TimestampFormat: enum {
		## Seconds since 1970, as a double.
		TS_EPOCH,
		## Milliseconds since 1970, as an integer.
		TS_MILLIS,
		## The same without a sign.
		TS_MILLIS_UNSIGNED,
		## As in ``2006-01-02T15:04:05.000000Z``.
		TS_ISO8601
	};
}
