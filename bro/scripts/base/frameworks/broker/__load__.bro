@load ./data
@load ./store
@load ./main
@load ./log
