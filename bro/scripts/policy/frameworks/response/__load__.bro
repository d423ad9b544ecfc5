@load ./main
@load ./mptcp
@load ./nftables
@load ./notice
