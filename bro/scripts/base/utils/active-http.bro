##! Asking web servers, without waiting for them: for `when` statements.  The requests are made by the program `curl`.

@load base/utils/exec
@load base/utils/strings

module ActiveHTTP;

export {
	## How long a request may take.
	option default_max_time = 1min;

	## The method of requests.
	option default_method = "GET";

	## A request.
	type Request: record {
		## What is asked for.
		url: string;
		## The method.
		method: string &default=default_method;
		## The body; the method has to be one that goes with it, such as POST.
		client_data: string &optional;
		## How long the request may take.
		max_time: interval &default=default_max_time;
		## More arguments for `curl`, as a shell reads them: what comes from traffic must be quoted.
		addl_curl_args: string &optional;
	};

	## What a server answers.
	type Response: record {
		## The status code; 0 if there was no answer.
		code: count;
		## The text behind the status code.
		msg: string;
		## The body.
		body: string &optional;
		## The header lines, by name in upper case.
		headers: table[string] of string &optional;
	};

	## Makes a request.  This can only be called in the condition of a `when` statement.
	##
	## req: the request.
	##
	## Returns: the response, when it has come.
	global request: function(req: Request): Response;
}

# The command for a request that leaves body and header lines in files.
function request2curl(r: Request, bodyfile: string, headersfile: string): string
	{
	local parts: string_vec = vector("curl -s -g", "-o", safe_shell_quote(bodyfile), "-D", safe_shell_quote(headersfile), "-X",
	                                 safe_shell_quote(r$method), "-m", fmt("%.0f", r$max_time));

	# The body goes in by standard input, so that it does not appear among the machine's processes.
	if ( r?$client_data )
		parts += "--data-binary @-";

	if ( r?$addl_curl_args )
		parts += r$addl_curl_args;

	parts += safe_shell_quote(r$url);
	# Files that are missing, because there was no answer, are made, and all are gone when they have been read.
	return fmt("%s; touch %s %s", join_string_vec(parts, " "), safe_shell_quote(bodyfile), safe_shell_quote(headersfile));
	}

function request(req: Request): Response
	{
	local directory = getenv("TMPDIR") == "" ? "/tmp" : getenv("TMPDIR");
	local name = fmt("%s/bro-active-http-%s", directory, unique_id(""));
	local bodyfile = fmt("%s-body", name);
	local headersfile = fmt("%s-headers", name);
	local command = request2curl(req, bodyfile, headersfile);
	local stdin_data = req?$client_data ? req$client_data : "";
	local read_files = set(bodyfile, headersfile);

	return when [req, bodyfile, headersfile, command, stdin_data, read_files] (
		local result = Exec::run([$cmd=command, $stdin=stdin_data, $read_files=read_files]) )
		{
		local resp = Response($code=0, $msg="", $body="", $headers=table());

		unlink(bodyfile);
		unlink(headersfile);

		if ( ! result?$files || headersfile !in result$files || |result$files[headersfile]| == 0 )
			{
			Reporter::warning(fmt("no answer from %s", req$url));
			return resp;
			}

		if ( bodyfile in result$files )
			resp$body = join_string_vec(result$files[bodyfile], "\n");

		for ( _, line in result$files[headersfile] )
			{
			line = strip(line);
			local field = split_string1(line, /:[[:blank:]]*/);

			if ( /^HTTP\/[0-9.]+ / in line )
				{
				# After a redirection there are several answers; the last one counts.
				local status = split_string_n(line, /[[:blank:]]+/, F, 2);
				resp$code = to_count(status[1]);
				resp$msg = |status| > 2 ? status[2] : "";
				resp$headers = table();
				}
			else if ( |field| == 2 )
				resp$headers[to_upper(field[0])] = field[1];
			}

		return resp;
		}
	}
