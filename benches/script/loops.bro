# Nested loops over a square of numbers.
module Loops;

export {
    global run: function(n: count): count;
}

function run(n: count): count
    {
    local sum = 0;
    local i = 0;
    while ( i < n )
        {
        local k = 0;
        while ( k < n )
            {
            if ( (i * k) % 7 == 3 || i == k )
                sum += i + k;
            else if ( k > i )
                {
                ++k;
                next;
                }
            ++k;
            }
        ++i;
        }
    return sum;
    }
