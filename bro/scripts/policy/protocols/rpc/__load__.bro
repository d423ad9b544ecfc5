@load ./main
@load ./portmapper
