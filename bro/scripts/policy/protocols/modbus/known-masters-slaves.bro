##! Logs each host once a day that speaks Modbus, with the part it plays.  It needs the analyzer of Modbus, which is still to
##! come: where nothing declares its events, the log stays empty.

module Known;

export {
	redef enum Log::ID += { MODBUS_LOG };

	global log_policy_modbus: Log::PolicyHook;

	## What a host does.
	type ModbusDeviceType: enum {
		## It asks.
		MODBUS_MASTER,
		## It answers.
		MODBUS_SLAVE
	};

	## A row of known_modbus.log.
	type ModbusInfo: record {
		## When.
		ts: time &log;
		## The host.
		host: addr &log;
		## What it does.
		device_type: ModbusDeviceType &log;
	};

	## Hosts that are known, with what they do.
	global modbus_nodes: set[addr, ModbusDeviceType] &create_expire=1 day &redef;

	## Raised with every row of known_modbus.log.
	global log_known_modbus: event(rec: ModbusInfo);
}

event zeek_init() &priority=5
	{
	Log::create_stream(Known::MODBUS_LOG, Log::Stream($columns=ModbusInfo, $ev=log_known_modbus, $path="known_modbus",
	                                                  $policy=log_policy_modbus));
	}

# Logs a host, if it is not known.
function modbus_node(host: addr, device_type: ModbusDeviceType)
	{
	if ( [host, device_type] in modbus_nodes )
		return;

	add modbus_nodes[host, device_type];
	Log::write(Known::MODBUS_LOG, ModbusInfo($ts=network_time(), $host=host, $device_type=device_type));
	}

@ifdef ( modbus_message )
event modbus_message(c: connection, headers: ModbusHeaders, is_orig: bool)
	{
	modbus_node(c$id$orig_h, MODBUS_MASTER);
	modbus_node(c$id$resp_h, MODBUS_SLAVE);
	}
@endif
