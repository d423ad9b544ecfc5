@load ./main
@load ./entities
@load ./utils
@load ./files
