"""Values of networks as Python makes them."""

from __future__ import annotations

import pytest

from bro import Port


@pytest.mark.parametrize("number", [-1, 65536, 10**9])
def test_numbers_that_no_port_has(number: int) -> None:
    with pytest.raises(ValueError, match=f"not the number of a port: {number}"):
        Port(number, "tcp")
