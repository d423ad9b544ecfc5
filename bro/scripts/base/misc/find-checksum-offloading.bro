##! Tells, once, when so many packets have bad checksums that they seem to have been captured before the network card
##! put the checksums in.  Such packets are not analyzed, and without a word logs would just stay empty.

@load base/frameworks/reporter

module ChecksumOffloading;

export {
	## How often to look.
	const check_interval = 10 secs &redef;

	## Looks whether too many checksums are bad.
	global check: event();
}

# The share of packets with bad checksums from which on it is told.
const suspicious_share = 0.05;

# Packets with bad checksums so far, by what has the checksum.
global bad_checksums: table[string] of count = { ["IP"] = 0, ["TCP"] = 0, ["UDP"] = 0, ["ICMP"] = 0 };

# Whether it was told.
global told = F;

event ChecksumOffloading::check()
	{
	if ( told )
		return;

	local bad: vector of string = vector();
	local total = 0;
	for ( _, name in vector("IP", "TCP", "UDP", "ICMP") )
		if ( bad_checksums[name] > 0 )
			{
			bad += name;
			total += bad_checksums[name];
			}

	local packets = get_net_stats()$pkts_recvd;

	if ( packets > 0 && total > 0 && (total + 0.0) / packets > suspicious_share )
		{
		told = T;
		local place = reading_traces() ? "capture file" : "interface";
		Reporter::warning(fmt("%d of %d packets of the %s have bad checksums (%s) and are not analyzed, most likely because they were captured before the network card filled these in; use option -C or set ignore_checksums to analyze them",
		                      total, packets, place, join_string_vec(bad, ", ")));
		disable_event_group("checksum-offloading");
		}
	else if ( ! zeek_is_terminating() )
		schedule check_interval { ChecksumOffloading::check() };
	}

event zeek_init()
	{
	if ( ignore_checksums )
		disable_event_group("checksum-offloading");
	else
		schedule check_interval { ChecksumOffloading::check() };
	}

function note_weird(name: string)
	{
	switch ( name )
		{
		case "bad_IP_checksum":
			++bad_checksums["IP"];
			break;
		case "bad_TCP_checksum":
			++bad_checksums["TCP"];
			break;
		case "bad_UDP_checksum":
			++bad_checksums["UDP"];
			break;
		case "bad_ICMP_checksum":
			++bad_checksums["ICMP"];
			break;
		}
	}

event net_weird(name: string, addl: string, source: string) &group="checksum-offloading"
	{
	note_weird(name);
	}

event conn_weird(name: string, c: connection, addl: string, source: string) &group="checksum-offloading"
	{
	note_weird(name);
	}

event flow_weird(name: string, src: addr, dst: addr, addl: string, source: string) &group="checksum-offloading"
	{
	note_weird(name);
	}

# What is over before the first look.
event zeek_done() &group="checksum-offloading"
	{
	event ChecksumOffloading::check();
	}
