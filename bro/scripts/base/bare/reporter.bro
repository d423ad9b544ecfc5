##! Messages about the program itself.

module Reporter;

export {
	## Whether messages for information go to standard error although a script handles them.
	const info_to_stderr = T &redef;

	## The same for warnings.
	const warnings_to_stderr = T &redef;

	## The same for errors.
	const errors_to_stderr = T &redef;

	## How serious a message is.
	type Level: enum {
		## Worth knowing.
		INFO,
		## Something may be wrong.
		WARNING,
		## Something is wrong.
		ERROR
	};
}

module GLOBAL;

## Something worth knowing was reported.
##
## t: when.
## msg: what.
## location: the place in a script, if it was one.
global reporter_info: event(t: time, msg: string, location: string);

## A warning was reported.
global reporter_warning: event(t: time, msg: string, location: string);

## An error was reported.
global reporter_error: event(t: time, msg: string, location: string);
