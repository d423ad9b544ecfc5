##! Options of the metrics that are served to others.

module Telemetry;

export {
	## Address to serve metrics at; empty for all.
	const metrics_address = getenv("ZEEK_METRICS_ADDRESS") &redef;

	## Port to serve metrics at; 0 not to serve them.
	const metrics_port = 0/unknown &redef;

	## Label of the metrics that has the name of this node.
	const metrics_endpoint_label = "node" &redef;

	## The name of this node in metrics.
	const metrics_endpoint_name = getenv("ZEEK_METRICS_ENDPOINT_NAME") &redef;

	## Kept for scripts that set it: threads that serve metrics.
	const civetweb_threads: count = 2 &redef;

	## Kept for scripts that set it: how long scripts may take to bring metrics up to date before they are served.
	const callback_timeout: interval = 5 sec &redef;
}
