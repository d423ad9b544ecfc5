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

## A host name in a script has the addresses that the DNS cache has of it.  This event and its kin are raised by ``bro -P``,
## which looks up all host names in scripts.
##
## dm: what was found.
global dns_mapping_valid: event(dm: dns_mapping);

## There was no answer about a host name that the DNS cache knows.
##
## dm: what the cache has.
global dns_mapping_unverified: event(dm: dns_mapping);

## A host name was looked up that the DNS cache did not have.
##
## dm: what was found.
global dns_mapping_new_name: event(dm: dns_mapping);

## A host name that the DNS cache knows has no addresses any more.
##
## dm: what the cache has.
global dns_mapping_lost_name: event(dm: dns_mapping);

## A host name has other addresses than those in the DNS cache.
##
## dm: what was found.
##
## old_addrs: those it has no more.
##
## new_addrs: those it did not have.
global dns_mapping_altered: event(dm: dns_mapping, old_addrs: addr_set, new_addrs: addr_set);

## An address has another name than the one in the DNS cache.  Scripts contain no addresses that are looked up, so this is
## there for scripts that handle it.
##
## prev: what the cache has.
##
## latest: what was found.
global dns_mapping_name_changed: event(prev: dns_mapping, latest: dns_mapping);

## An event is about to be handled.  Raised for every event that has a handler, before the others of its handlers run, which
## is costly; for finding errors in scripts.
##
## name: the event.
##
## params: what it was raised with.
global new_event: event(name: string, params: call_argument_vector);

## Statistics of the program were written to :bro:id:`profiling_file`.
##
## f: that file.
##
## expensive: whether with what is costly to find out, see :bro:id:`expensive_profiling_multiple`.
global profiling_update: event(f: file, expensive: bool);

## The events that wait are about to be handled.
global event_queue_flush_point: event();

## The time of the packets is known from now on: it has gone beyond 0.
global network_time_init: event();

## An address was anonymized by :bro:see:`anonymize_addr` that was not before.
##
## orig: the address.
##
## mapped: what stands for it.
global anonymization_mapping: event(orig: addr, mapped: addr);

## A script has opened a file.
##
## f: the file.
global file_opened: event(f: file);
