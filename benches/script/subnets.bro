# Addresses looked up in subnets: one subnet, and a table of them.
module Subnets;

export {
    global run: function(n: count): count;
}

global sites: table[subnet] of count = {
    [10.0.0.0/8] = 1, [10.1.0.0/16] = 2, [10.1.2.0/24] = 3, [192.168.0.0/16] = 4, [172.16.0.0/12] = 5,
};
global hosts = vector(10.9.8.7, 10.1.9.9, 10.1.2.3, 192.168.4.4, 8.8.8.8, 172.20.1.1);

function run(n: count): count
    {
    local sum = 0;
    local i = 0;
    while ( i < n )
        {
        local host = hosts[i % 6];
        if ( host in 10.0.0.0/8 )
            ++sum;
        if ( host in sites )
            sum += sites[host];
        ++i;
        }
    return sum;
    }
