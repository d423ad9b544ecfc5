# Calls, comparisons and small sums: Fibonacci and Ackermann's function.
module Recursion;

export {
    global run: function(n: count): count;
}

function fib(n: count): count
    {
    if ( n < 2 )
        return n;
    return fib(n - 1) + fib(n - 2);
    }

function ackermann(m: count, n: count): count
    {
    if ( m == 0 )
        return n + 1;
    if ( n == 0 )
        return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
    }

function run(n: count): count
    {
    return fib(n) + ackermann(2, n);
    }
