##! The names that policy of 1998 uses, as the paper on Bro of that year describes them: load it before such a script.

@load policy/protocols/login/paper-events
@load ./names
@load ./services
@load ./annotation
@load ./finger
