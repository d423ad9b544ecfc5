##! Events about the program itself.

## A script was loaded.  Raised for each of them before :bro:see:`zeek_init`, in the order they were loaded.
##
## path: the script's file.
##
## level: how deep it is in what others load; 0 for those of the command line and the base scripts.
global zeek_script_loaded: event(path: string, level: count);

## The input has ended; raised before :bro:see:`zeek_done`.
##
## t: when, in packet time.
global net_done: event(t: time);

## The time of the packets is known from now on: it has gone beyond 0.
global network_time_init: event();
