# Hooks with several bodies, of which one may veto.
module Hooks;

export {
    global run: function(n: count): count;
    global allow: hook(host: string, size: count);
}

global rejected = 0;

hook allow(host: string, size: count) &priority=10
    {
    if ( size > 800 )
        {
        ++rejected;
        break;
        }
    }

hook allow(host: string, size: count)
    {
    if ( host == "bad" )
        break;
    }

hook allow(host: string, size: count) &priority=-5
    {
    rejected = rejected + 0;
    }

function run(n: count): count
    {
    rejected = 0;
    local passed = 0;
    local i = 0;
    while ( i < n )
        {
        if ( hook allow(i % 10 == 0 ? "bad" : "good", i % 1000) )
            ++passed;
        ++i;
        }
    return passed + rejected;
    }
