@load ./log
@load ./ryu
@load ./broker
