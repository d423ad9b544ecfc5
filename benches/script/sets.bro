# Sets: adding, asking, deleting, union and intersection.
module Sets;

export {
    global run: function(n: count): count;
}

function run(n: count): count
    {
    local evens: set[count];
    local threes: set[count];
    local i = 0;
    while ( i < n )
        {
        if ( i % 2 == 0 )
            add evens[i];
        if ( i % 3 == 0 )
            add threes[i];
        ++i;
        }

    local hits = 0;
    i = 0;
    while ( i < n )
        {
        if ( i in evens && i !in threes )
            ++hits;
        if ( i in threes )
            delete evens[i];
        ++i;
        }

    return hits + |evens & threes| + |evens |threes|;
    }
