@load ./main
@load ./pools
@load ./publish-on-change
@load ./websocket
@load ./setup-connections
