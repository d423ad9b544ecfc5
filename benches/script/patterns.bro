# Patterns: whole strings, embedded ones, and a switch between them.
module Patterns;

export {
    global run: function(n: count): count;
}

global requests = vector("GET /index.html HTTP/1.1", "POST /cgi-bin/phf?q=1 HTTP/1.0",
                         "GET /images/logo.png HTTP/1.1", "HEAD / HTTP/1.1", "OPTIONS * HTTP/1.1");

function run(n: count): count
    {
    local score = 0;
    local i = 0;
    while ( i < n )
        {
        local r = requests[i % 5];
        if ( /^(GET|HEAD) [^ ]+ HTTP\/1\.[01]$/ == r )
            score += 1;
        if ( /cgi-bin|\.\.\// in r )
            score += 10;
        if ( /\.(png|gif|jpe?g)/ in r )
            score += 100;
        ++i;
        }
    return score;
    }
