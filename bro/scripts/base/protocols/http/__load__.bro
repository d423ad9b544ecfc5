@load-sigs dpd/http

@load ./main
@load ./entities
@load ./utils
@load ./files
