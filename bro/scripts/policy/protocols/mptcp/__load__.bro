@load ./detect-attacks
@load ./detect-fast-flux
@load ./detect-middleboxes
@load ./detect-split-payload
@load ./detect-unexpected-use
