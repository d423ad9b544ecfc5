##! What a program has unless it is started in bare mode: everything that writes the logs people expect.

@load base/utils/active-http
@load base/utils/addrs
@load base/utils/backtrace
@load base/utils/conn-ids
@load base/utils/dir
@load base/utils/directions-and-hosts
@load base/utils/email
@load base/utils/exec
@load base/utils/files
@load base/utils/geoip-distance
@load base/utils/hash_hrw
@load base/utils/numbers
@load base/utils/paths
@load base/utils/patterns
@load base/utils/queue
@load base/utils/site
@load base/utils/strings
@load base/utils/thresholds
@load base/utils/time
@load base/utils/urls

@load base/frameworks/cluster
@load base/frameworks/config
@load base/frameworks/control
@load base/frameworks/intel
@load base/frameworks/openflow
@load base/frameworks/netcontrol
@load base/frameworks/notice
@load base/frameworks/reporter
@load base/frameworks/signatures
@load base/frameworks/packet-filter
@load base/frameworks/software
@load base/frameworks/sumstats
@load base/frameworks/tunnels

@load base/protocols/conn
@load base/protocols/dns
@load base/protocols/finger
@load base/protocols/ftp
@load base/protocols/http
@load base/protocols/mptcp

@load base/files/hash
@load base/files/extract

@load base/misc/likely-server-ports
@load base/misc/version
@load base/misc/find-checksum-offloading
@load base/misc/find-filtered-trace
