##! The controller Ryu, by its interface for HTTP.

@load ../main
@load base/utils/active-http

module OpenFlow;

export {
	redef enum Plugin += {
		## Ryu.
		RYU,
	};

	## A controller that has Ryu make the changes.
	##
	## host: where Ryu is.
	##
	## host_port: its port.
	##
	## dpid: number of the switch.
	global ryu_new: function(host: addr, host_port: count, dpid: count): OpenFlow::Controller;

	redef record ControllerState += {
		## Where Ryu is.
		ryu_host: addr &optional;
		## Its port.
		ryu_port: count &optional;
		## Number of the switch.
		ryu_dpid: count &optional;
		## Whether to print what would be asked for, instead of asking.
		ryu_debug: bool &default=F;
	};
}

# Below this, Ryu is asked for changes.
const RYU_FLOWENTRY_PATH = "/stats/flowentry/";

# What a change is called there.
const ryu_url: table[ofp_flow_mod_command] of string = {
	[OFPFC_ADD] = "add",
	[OFPFC_MODIFY] = "modify",
	[OFPFC_MODIFY_STRICT] = "modify_strict",
	[OFPFC_DELETE] = "delete",
	[OFPFC_DELETE_STRICT] = "delete_strict",
};

# What Ryu calls an action, with the port it sends to.
type ryu_flow_action: record {
	_type: string;
	_port: count &default=0;
};

# What Ryu is asked for.
type ryu_ofp_flow_mod: record {
	dpid: count;
	cookie: count &optional;
	cookie_mask: count &optional;
	table_id: count &optional;
	idle_timeout: count &optional;
	hard_timeout: count &optional;
	priority: count &optional;
	flags: count &optional;
	match: OpenFlow::ofp_match;
	actions: vector of ryu_flow_action;
	out_port: count &optional;
	out_group: count &optional;
};

function ryu_flow_mod(state: OpenFlow::ControllerState, match: ofp_match, flow_mod: OpenFlow::ofp_flow_mod): bool
	{
	if ( state$_plugin != OpenFlow::RYU )
		{
		Reporter::error("OpenFlow: this controller is not Ryu");
		return F;
		}

	local actions: vector of ryu_flow_action = vector();
	for ( i in flow_mod$actions$out_ports )
		actions += ryu_flow_action($_type="OUTPUT", $_port=flow_mod$actions$out_ports[i]);

	local request = ryu_ofp_flow_mod($dpid=state$ryu_dpid, $cookie=flow_mod$cookie,
	                                 $idle_timeout=flow_mod$idle_timeout, $hard_timeout=flow_mod$hard_timeout,
	                                 $priority=flow_mod$priority, $flags=flow_mod$flags, $match=match,
	                                 $actions=actions);
	if ( flow_mod?$out_port )
		request$out_port = flow_mod$out_port;
	if ( flow_mod?$out_group )
		request$out_group = flow_mod$out_group;
	if ( flow_mod?$table_id )
		request$table_id = flow_mod$table_id;

	local url = cat("http://", cat(state$ryu_host), ":", cat(state$ryu_port), RYU_FLOWENTRY_PATH,
	                ryu_url[flow_mod$command]);
	local body = to_json(request, F, /^_+/);

	if ( state$ryu_debug )
		{
		print url;
		print body;
		event OpenFlow::flow_mod_success(state$_name, match, flow_mod);
		return T;
		}

	local http_request = ActiveHTTP::Request($url=url, $method="POST", $client_data=body);
	when [state, match, flow_mod, http_request] ( local response = ActiveHTTP::request(http_request) )
		{
		if ( response$code == 200 )
			event OpenFlow::flow_mod_success(state$_name, match, flow_mod, response$body);
		else
			{
			Reporter::warning(fmt("OpenFlow: Ryu did not make a change: %d %s", response$code, response$body));
			event OpenFlow::flow_mod_failure(state$_name, match, flow_mod, response$body);
			}
		}

	return T;
	}

function ryu_flow_clear(state: OpenFlow::ControllerState): bool
	{
	if ( state$_plugin != OpenFlow::RYU )
		return F;

	local url = cat("http://", cat(state$ryu_host), ":", cat(state$ryu_port), RYU_FLOWENTRY_PATH, "clear/",
	                cat(state$ryu_dpid));
	if ( state$ryu_debug )
		{
		print url;
		return T;
		}

	local http_request = ActiveHTTP::Request($url=url, $method="DELETE");
	when [http_request] ( local response = ActiveHTTP::request(http_request) )
		{
		if ( response$code != 200 )
			Reporter::warning(fmt("OpenFlow: Ryu did not clear its switch: %d", response$code));
		}

	return T;
	}

function ryu_describe(state: ControllerState): string
	{
	return fmt("Ryu Plugin - %s:%d - DPID: %d", state$ryu_host, state$ryu_port, state$ryu_dpid);
	}

function ryu_new(host: addr, host_port: count, dpid: count): OpenFlow::Controller
	{
	local c = OpenFlow::Controller($state=OpenFlow::ControllerState($ryu_host=host, $ryu_port=host_port,
	                                                                $ryu_dpid=dpid),
	                               $flow_mod=ryu_flow_mod, $flow_clear=ryu_flow_clear, $describe=ryu_describe,
	                               $supports_flow_removed=F);
	register_controller(OpenFlow::RYU, cat(host, host_port, dpid), c);
	return c;
	}
