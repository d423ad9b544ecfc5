# Sorting with a function that compares, and a bubble sort by hand.
module Sorting;

export {
    global run: function(n: count): count;
}

function down(a: count, b: count): int
    {
    return a > b ? -1 : (a < b ? 1 : 0);
    }

function run(n: count): count
    {
    local numbers: vector of count;
    local i = 0;
    while ( i < n )
        {
        numbers += i * 7919 % 1009;
        ++i;
        }
    sort(numbers, down);

    local few: vector of count;
    i = 0;
    while ( i < 60 )
        {
        few += numbers[i];
        ++i;
        }
    i = 0;
    while ( i < 60 )
        {
        local k = 0;
        while ( k + 1 < 60 - i )
            {
            if ( few[k] > few[k + 1] )
                {
                local swap = few[k];
                few[k] = few[k + 1];
                few[k + 1] = swap;
                }
            ++k;
            }
        ++i;
        }
    return few[0] + numbers[n - 1];
    }
