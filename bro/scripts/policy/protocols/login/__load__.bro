@load ./dialog
@load ./main
@load ./sensitive
