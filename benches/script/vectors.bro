# A sieve of primes in a vector, then sums over indices and elements.
module Vectors;

export {
    global run: function(n: count): count;
}

function run(n: count): count
    {
    local composite: vector of bool;
    local i = 0;
    while ( i < n )
        {
        composite += F;
        ++i;
        }

    local primes: vector of count;
    i = 2;
    while ( i < n )
        {
        if ( ! composite[i] )
            {
            primes += i;
            local k = i * i;
            while ( k < n )
                {
                composite[k] = T;
                k += i;
                }
            }
        ++i;
        }

    local sum = 0;
    for ( place, p in primes )
        sum += place * p;
    return sum + primes[|primes| - 1];
    }
