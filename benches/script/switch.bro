# A small machine of states, by switch over counts and strings.
module Switches;

export {
    global run: function(n: count): count;
}

function weight(method: string): count
    {
    switch ( method )
        {
        case "GET", "HEAD":
            return 1;
        case "POST":
            return 2;
        case "PUT", "DELETE":
            return 3;
        default:
            return 4;
        }
    }

function run(n: count): count
    {
    local methods = vector("GET", "POST", "DELETE", "TRACE");
    local state = 0;
    local sum = 0;
    local i = 0;
    while ( i < n )
        {
        switch ( state )
            {
            case 0:
                sum += 1;
                state = 1;
                break;
            case 1:
                sum += 2;
                state = i % 2 == 0 ? 2 : 3;
                break;
            case 2:
                sum += 3;
                state = 0;
                break;
            default:
                state = 0;
                break;
            }
        sum += weight(methods[i % 4]);
        ++i;
        }
    return sum;
    }
