@load ./main
@load ./detect.zeek
@load-sigs ./dpd.sig
