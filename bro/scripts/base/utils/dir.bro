##! Watching directories for new files.

@load base/utils/exec
@load base/utils/paths

module Dir;

export {
	## How often a directory is looked at, where :bro:id:`Dir::monitor` is not told.
	option polling_interval = 30sec;

	## Watches a directory, for as long as the program runs.
	##
	## dir: the directory.
	##
	## callback: called with the path of every file there is, and of every one that appears later.
	##
	## poll_interval: how often to look.
	global monitor: function(dir: string, callback: function(fname: string), poll_interval: interval &default=polling_interval);
}

event Dir::monitor_ev(dir: string, last_files: set[string], callback: function(fname: string), poll_interval: interval)
	{
	when [dir, last_files, callback, poll_interval] ( local result = Exec::run([$cmd=fmt("ls -1 %s/", safe_shell_quote(dir))]) )
		{
		local present = last_files;

		if ( result$exit_code != 0 )
			Reporter::warning(fmt("the directory %s cannot be watched: ls ended with status %d", dir, result$exit_code));
		else
			{
			present = set();

			if ( result?$stdout )
				for ( _, name in result$stdout )
					{
					local path = build_path_compressed(dir, name);

					if ( path !in last_files )
						callback(path);

					add present[path];
					}
			}

		schedule poll_interval { Dir::monitor_ev(dir, present, callback, poll_interval) };
		}
	}

function monitor(dir: string, callback: function(fname: string), poll_interval: interval)
	{
	event Dir::monitor_ev(dir, set(), callback, poll_interval);
	}
