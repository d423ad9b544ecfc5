"""What scripts can do about traffic: packets that end or slow connections, rules of a packet filter.

Scripts decide (`policy/frameworks/response`) and log; what is here does as told.
"""
