##! What is known of peers that are slower than the events they are sent: how often their buffers overflowed.  Only what
##! carries events between nodes can tell; on a node by itself there is no peer.

@load base/frameworks/cluster

module Cluster;

export {
	## How often the buffer of a peer overflowed, in the current period and all before it.
	type EpochData: record {
		## The peer.
		peer_id: string;
		## Overflows in the current period.
		num_overflows: count &default=0;
		## Overflows in all periods before it.
		num_past_overflows: count &default=0;
	};
}
