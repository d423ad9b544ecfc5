# Enum values: compared, as indices, and as keys of a table of functions.
module Enums;

export {
    type Verdict: enum { ALLOW, DENY, LOG, ALARM };
    global run: function(n: count): count;
}

type Action: function(size: count): count;

function on_allow(size: count): count { return 1; }
function on_deny(size: count): count { return 2; }
function on_log(size: count): count { return size % 2; }
function on_alarm(size: count): count { return 3; }

global actions: table[Verdict] of Action = {
    [ALLOW] = on_allow, [DENY] = on_deny, [LOG] = on_log, [ALARM] = on_alarm,
};
global order = vector(ALLOW, DENY, LOG, ALARM);

function run(n: count): count
    {
    local tally: table[Verdict] of count &default=0;
    local sum = 0;
    local i = 0;
    while ( i < n )
        {
        local v = order[i % 4];
        if ( v == ALARM )
            sum += 5;
        sum += actions[v](i);
        tally[v] += 1;
        ++i;
        }
    return sum + tally[DENY];
    }
