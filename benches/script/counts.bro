# Differences of counts, which are checked: greatest common divisors by subtraction, and ints that go below zero.
module Counts;

export {
    global run: function(n: count): count;
}

function gcd(a: count, b: count): count
    {
    while ( a != b )
        {
        if ( a > b )
            a = a - b;
        else
            b = b - a;
        }
    return a;
    }

function run(n: count): count
    {
    local sum = 0;
    local balance: int = 0;
    local i = 1;
    while ( i <= n )
        {
        sum += gcd(i, 60);
        balance += i % 2 == 0 ? +3 : -5;
        ++i;
        }
    return sum + (balance < 0 ? 1 : 0);
    }
