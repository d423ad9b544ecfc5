"""Opaque values: objects a script can only hand around and pass to the functions made for them.

One file a kind.  Each class carries `bro_type`, the name behind ``opaque of``.  Importing this package
imports none.
"""
