# Events posted to handlers, some of which post further ones.
module Events;

export {
    global run: function(n: count): count;
    global result: function(): count;
    global seen: event(host: string, size: count);
    global large: event(host: string);
}

global total = 0;
global larges = 0;

event Events::seen(host: string, size: count)
    {
    total += size;
    if ( size > 900 )
        event Events::large(host);
    }

event Events::seen(host: string, size: count) &priority=5
    {
    total += |host|;
    }

event Events::large(host: string)
    {
    larges += 1;
    }

function run(n: count): count
    {
    total = 0;
    larges = 0;
    local i = 0;
    while ( i < n )
        {
        event Events::seen("host", i % 1000);
        ++i;
        }
    return 0;
    }

function result(): count
    {
    return total + larges;
    }
