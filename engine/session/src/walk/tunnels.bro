##! Headers of tunnels.

module GLOBAL;

export {
## Authentication of a Teredo packet.
type teredo_auth: record {
	id: string;	##< client identifier
	value: string;	##< authentication value
	nonce: count;	##< nonce
	confirm: count;	##< confirmation; 0 unless the client needs a new key
};

## How a Teredo client is seen from outside.
type teredo_origin: record {
	p: port;	##< its port
	a: addr;	##< its address
};

## The header of a Teredo packet.
type teredo_hdr: record {
	auth: teredo_auth &optional;	##< authentication
	origin: teredo_origin &optional;	##< origin indication
	hdr: pkt_hdr;	##< headers of the packet inside
};

## The header of a GTP message.
type gtpv1_hdr: record {
	version: count;	##< version
	pt_flag: bool;	##< GTP, not GTP'
	rsv: bool;	##< reserved
	e_flag: bool;	##< there are extension headers
	s_flag: bool;	##< there is a sequence number
	pn_flag: bool;	##< there is an N-PDU number
	msg_type: count;	##< type of the message
	length: count;	##< length of what follows the first eight bytes
	teid: count;	##< tunnel endpoint identifier
	seq: count &optional;	##< sequence number
	n_pdu: count &optional;	##< N-PDU number
	next_type: count &optional;	##< type of the first extension header
};

## GTP: the address of a support node.
type gtp_gsn_addr: record {
	ip: addr &optional;	##< if it is an IP address
	other: string &optional;	##< if it is any other
};

## GTP: the address of a user.
type gtp_end_user_addr: record {
	pdp_type_org: count;	##< who defines the type
	pdp_type_num: count;	##< type of the address
	pdp_ip: addr &optional;	##< if it is an IP address
	pdp_other_addr: string &optional;	##< if it is any other
};

## GTP: a routeing area.
type gtp_rai: record {
	mcc: count;	##< country
	mnc: count;	##< network
	lac: count;	##< location area
	rac: count;	##< routeing area
};

## GTP: quality of service.
type gtp_qos_profile: record {
	priority: count;	##< priority
	data: string;	##< the profile
};

## GTP: an extension of a vendor.
type gtp_private_extension: record {
	id: count;	##< whose
	value: string;	##< the extension
};

## GTP: elements of a request to set up a tunnel.
type gtp_create_pdp_ctx_request_elements: record {
	imsi: count &optional;	##< subscriber
	rai: gtp_rai &optional;	##< routeing area
	recovery: count &optional;	##< restart counter
	select_mode: count &optional;	##< selection mode
	data1: count;	##< tunnel endpoint identifier for data
	cp: count &optional;	##< tunnel endpoint identifier for the control plane
	nsapi: count;	##< access point identifier
	linked_nsapi: count &optional;	##< a second one
	charge_character: count &optional;	##< charging characteristics
	trace_ref: count &optional;	##< trace reference
	trace_type: count &optional;	##< trace type
	end_user_addr: gtp_end_user_addr &optional;	##< the user's address
	ap_name: string &optional;	##< access point name
	opts: string &optional;	##< protocol configuration options
	signal_addr: gtp_gsn_addr;	##< node for signalling
	user_addr: gtp_gsn_addr;	##< node for user traffic
	msisdn: string &optional;	##< subscriber's number
	qos_prof: gtp_qos_profile;	##< quality of service
	tft: string &optional;	##< traffic flow template
	trigger_id: string &optional;	##< trigger
	omc_id: string &optional;	##< operation and maintenance centre
	ext: gtp_private_extension &optional;	##< private extension
};

## GTP: elements of the answer.
type gtp_create_pdp_ctx_response_elements: record {
	cause: count;	##< result
	reorder_req: bool &optional;	##< packets must be put into order
	recovery: count &optional;	##< restart counter
	data1: count &optional;	##< tunnel endpoint identifier for data
	cp: count &optional;	##< tunnel endpoint identifier for the control plane
	charging_id: count &optional;	##< charging identifier
	end_user_addr: gtp_end_user_addr &optional;	##< the user's address
	opts: string &optional;	##< protocol configuration options
	cp_addr: gtp_gsn_addr &optional;	##< node for the control plane
	user_addr: gtp_gsn_addr &optional;	##< node for user traffic
	qos_prof: gtp_qos_profile &optional;	##< quality of service
	charge_gateway: addr &optional;	##< charging gateway
	ext: gtp_private_extension &optional;	##< private extension
};

## GTP: elements of a request to change a tunnel.
type gtp_update_pdp_ctx_request_elements: record {
	imsi: count &optional;	##< subscriber
	rai: gtp_rai &optional;	##< routeing area
	recovery: count &optional;	##< restart counter
	data1: count;	##< tunnel endpoint identifier for data
	cp: count &optional;	##< tunnel endpoint identifier for the control plane
	nsapi: count;	##< access point identifier
	trace_ref: count &optional;	##< trace reference
	trace_type: count &optional;	##< trace type
	cp_addr: gtp_gsn_addr;	##< node for the control plane
	user_addr: gtp_gsn_addr;	##< node for user traffic
	qos_prof: gtp_qos_profile;	##< quality of service
	tft: string &optional;	##< traffic flow template
	trigger_id: string &optional;	##< trigger
	omc_id: string &optional;	##< operation and maintenance centre
	ext: gtp_private_extension &optional;	##< private extension
	end_user_addr: gtp_end_user_addr &optional;	##< the user's address
};

## GTP: elements of the answer.
type gtp_update_pdp_ctx_response_elements: record {
	cause: count;	##< result
	recovery: count &optional;	##< restart counter
	data1: count &optional;	##< tunnel endpoint identifier for data
	cp: count &optional;	##< tunnel endpoint identifier for the control plane
	charging_id: count &optional;	##< charging identifier
	cp_addr: gtp_gsn_addr &optional;	##< node for the control plane
	user_addr: gtp_gsn_addr &optional;	##< node for user traffic
	qos_prof: gtp_qos_profile &optional;	##< quality of service
	charge_gateway: addr &optional;	##< charging gateway
	ext: gtp_private_extension &optional;	##< private extension
};

## GTP: elements of a request to remove a tunnel.
type gtp_delete_pdp_ctx_request_elements: record {
	teardown_ind: bool &optional;	##< all tunnels of the address
	nsapi: count;	##< access point identifier
	ext: gtp_private_extension &optional;	##< private extension
};

## GTP: elements of the answer.
type gtp_delete_pdp_ctx_response_elements: record {
	cause: count;	##< result
	ext: gtp_private_extension &optional;	##< private extension
};
}

module PacketAnalyzer::Geneve;

export {
	## An option of a Geneve header.
	type Option: record {
		class: count;	##< who defines the type
		critical: bool;	##< it must be understood
		typ: count;	##< type
		data: string;	##< its data
	};
}

module GLOBAL;

export {
## Options of a Geneve header.
type geneve_options_vec: vector of PacketAnalyzer::Geneve::Option;

## Options of the Geneve headers around a packet, layer by layer.
type geneve_options_vec_vec: vector of geneve_options_vec;
}
