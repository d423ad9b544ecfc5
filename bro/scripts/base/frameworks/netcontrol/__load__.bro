@load ./types
@load ./main
@load ./rules
@load ./plugins
@load ./drop
@load ./shunt
