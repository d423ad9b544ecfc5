# Times and intervals: differences, comparisons, buckets.
module Times;

export {
    global run: function(n: count): count;
}

function run(n: count): count
    {
    local begin = double_to_time(1000000.0);
    local now = begin;
    local last = begin;
    local gaps = 0;
    local longest = 0secs;
    local i = 0;
    while ( i < n )
        {
        now = now + (i % 10) * 250msec;
        local gap = now - last;
        if ( gap > 1sec )
            ++gaps;
        if ( gap > longest )
            longest = gap;
        last = now;
        ++i;
        }
    return gaps + double_to_count((now - begin) / 1sec) + double_to_count(interval_to_double(longest));
    }
