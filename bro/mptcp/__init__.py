"""Multipath TCP beside the monitor: the scanner `bro mptcp-scan`."""
