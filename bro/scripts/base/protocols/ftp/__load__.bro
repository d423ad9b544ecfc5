@load-sigs dpd/ftp

@load ./utils-commands
@load ./info
@load ./main
@load ./utils
@load ./files
