@load-sigs dpd/finger
@load ./main
