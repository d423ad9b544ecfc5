# A table whose elements are forgotten some time after they were last written.
module Expiry;

export {
    global see: function(key: count);
    global size: function(): count;
    global run: function(n: count): count;
}

global recent: table[count] of count &default=0 &write_expire=60secs;

function see(key: count)
    {
    recent[key] += 1;
    }

function size(): count
    {
    return |recent|;
    }

# What happens between two moments of packet time.
function run(n: count): count
    {
    local i = 0;
    while ( i < 100 )
        {
        see((n + i * 31) % 4001);
        ++i;
        }
    return |recent|;
    }
