##! Connections in different VLANs are different ones, even between the same addresses and ports.
##!
##! A site with overlapping addresses in several VLANs needs this.  The VLANs become a part of every :bro:type:`conn_id`, and so of
##! all logs that have one (``id.ctx.vlan``, ``id.ctx.inner_vlan``).

redef record conn_id_ctx += {
	## The outer VLAN.
	vlan: int &log &optional;
	## The inner VLAN.
	inner_vlan: int &log &optional;
};

redef ConnKey::factory = ConnKey::CONNKEY_VLAN_FIVETUPLE;
