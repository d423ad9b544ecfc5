##! Finger is analyzed at its port.  It has no log of its own: what is asked and answered are events.

@load base/frameworks/analyzer

module Finger;

export {
	## Where Finger is expected.
	const ports: set[port] = { 79/tcp } &redef;
}

redef likely_server_ports += { ports };

event zeek_init() &priority=5
	{
	Analyzer::register_for_ports(Analyzer::ANALYZER_FINGER, ports);
	}
