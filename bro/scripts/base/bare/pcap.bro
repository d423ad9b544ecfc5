##! Capturing packets.

module Pcap;

export {
	## Bytes of each packet that are captured.
	const snaplen: count = 9216 &redef;

	## Megabytes the system buffers for an interface.
	const bufsize: count = 128 &redef;

	## Bytes read from a capture file together.
	const bufsize_offline_bytes: count = 131072 &redef;

	## How long to wait for packets on interfaces that cannot be waited for together with others.
	const non_fd_timeout = 20 usec &redef;

	## How the installation of a filter went.
	type filter_state: enum {
		## It is installed.
		ok,
		## It cannot be.
		fatal,
		## It is, with something to note.
		warning
	};

	## A network interface.
	type Interface: record {
		## Its name.
		name: string;
		## What it is, where the system knows.
		description: string &optional;
		## Its addresses.
		addrs: addr_set;
		## Whether it only leads back to the host itself.
		is_loopback: bool;
		## Whether it is switched on.
		is_up: bool &optional;
		## Whether it is connected.
		is_running: bool &optional;
	};

	## Network interfaces.
	type Interfaces: set[Interface];

	## A capture was read to its end.  Connections that are open then are still to be ended.
	##
	## path: the capture.
	global file_done: event(path: string);
}

module GLOBAL;

## Names filters that are compiled before they are needed.
type PcapFilterID: enum {
	## No filter.
	None
};
