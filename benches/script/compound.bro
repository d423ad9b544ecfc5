# Keys of several parts: who talked to which port, how often.
module Compound;

export {
    global run: function(n: count): count;
}

function run(n: count): count
    {
    local talks: table[count, string, port] of count &default=0;
    local services = vector(22/tcp, 53/udp, 80/tcp, 443/tcp);
    local names = vector("alpha", "beta", "gamma");
    local i = 0;
    while ( i < n )
        {
        ++talks[i % 17, names[i % 3], services[i % 4]];
        ++i;
        }

    local sum = 0;
    for ( [host, name, p], c in talks )
        if ( p != 80/tcp )
            sum += host * c + |name|;

    if ( [1, "beta", 53/udp] in talks )
        sum += 1;
    return sum;
    }
