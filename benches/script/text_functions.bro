# Built-in functions on strings: splitting, cases, substitution, searching.
module TextFunctions;

export {
    global run: function(n: count): count;
}

function run(n: count): count
    {
    local header = "Host: www.example.com, Accept: text/html, User-Agent: Browser 1.0";
    local sum = 0;
    local i = 0;
    while ( i < n )
        {
        for ( _, part in split_string(header, /, /) )
            {
            local sides = split_string1(part, /: /);
            if ( |sides| == 2 && to_lower(sides[0]) == "host" )
                sum += |sides[1]|;
            if ( "Browser" in part )
                sum += |gsub(part, /[0-9]/, "#")|;
            }
        if ( starts_with(header, "Host") )
            sum += |to_upper(header)|;
        if ( strstr(header, "text") > 0 )
            ++sum;
        ++i;
        }
    return sum;
    }
