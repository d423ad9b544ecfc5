# Text put together piece by piece, and by fmt().
module Strings;

export {
    global run: function(n: count): count;
}

function run(n: count): count
    {
    local line = "";
    local size = 0;
    local i = 0;
    while ( i < n )
        {
        line += fmt("%d:%s;", i, "abc");
        if ( |line| > 1000 )
            {
            size += |line|;
            line = "";
            }
        local greeting = "host " + cat(i) + " says hello";
        size += |greeting|;
        ++i;
        }
    return size + |line|;
    }
