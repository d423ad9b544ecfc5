## Types that built-in functions refer to.
type string_vec: vector of string;
type index_vec: vector of count;
type any_vec: vector of any;
type addr_vec: vector of addr;
type string_set: set[string];
type table_string_of_string: table[string] of string;
type table_string_of_count: table[string] of count;
type table_string_of_table_string: table[string] of table_string_of_string;
type TableChange: enum { TABLE_ELEMENT_NEW, TABLE_ELEMENT_CHANGED, TABLE_ELEMENT_REMOVED, TABLE_ELEMENT_EXPIRED };
type transport_proto: enum { unknown_transport, tcp, udp, icmp };
type conn_id: record { orig_h: addr; orig_p: port; resp_h: addr; resp_p: port; };
const table_expire_interval = 10 sec &redef;
