"""Packets that this program sends: headers byte by byte, MPTCP options, raw sockets.

The engine reads packets; what is here only makes a few, for the scanner and for responses of scripts.
"""
