# Functions that make functions, called through variables and out of a table.
module Closures;

export {
    global run: function(n: count): count;
}

type Step: function(x: count): count;

function adder(amount: count): Step
    {
    return function [amount] (x: count): count { return x + amount; };
    }

function counter(): function(): count
    {
    local n = 0;
    return function [n] (): count
        {
        n += 1;
        return n;
        };
    }

function run(n: count): count
    {
    local steps: table[count] of Step = { [0] = adder(1), [1] = adder(10), [2] = adder(100) };
    local tick = counter();
    local sum = 0;
    local i = 0;
    while ( i < n )
        {
        local step = steps[i % 3];
        sum = step(sum);
        if ( tick() % 7 == 0 )
            sum += 1;
        ++i;
        }
    return sum;
    }
