# A table from count to count that is filled, counted up, looked at and emptied.
module Tables;

export {
    global run: function(n: count): count;
}

function run(n: count): count
    {
    local seen: table[count] of count;
    local i = 0;
    while ( i < n )
        {
        local key = i * 7919 % 1009;
        if ( key in seen )
            seen[key] += 1;
        else
            seen[key] = 1;
        ++i;
        }

    local sum = 0;
    for ( k, v in seen )
        sum += k * v;

    for ( k in seen )
        if ( k % 2 == 0 )
            delete seen[k];

    return sum + |seen|;
    }
