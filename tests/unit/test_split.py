# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urssaf.documents.split import expected_split


@pytest.mark.parametrize(
    "gross, credit, left",
    [
        ("108.00", "54.00", "54.00"),
        ("237.51", "118.75", "118.76"),
        ("0.01", "0.00", "0.01"),
    ],
)
def test_the_odd_cent_is_debited(gross, credit, left):
    assert expected_split(Decimal(gross)) == (Decimal(credit), Decimal(left))


@pytest.mark.parametrize(
    "apart, credit, left",
    [
        ("0.00", "54.00", "54.00"),
        ("8.00", "50.00", "58.00"),
        ("108.00", "0.00", "108.00"),
    ],
)
def test_what_is_not_eligible_is_debited_whole(apart, credit, left):
    split = expected_split(Decimal("108.00"), not_eligible=Decimal(apart))
    assert split == (Decimal(credit), Decimal(left))


@pytest.mark.parametrize(
    "deposit, credit, left",
    [
        ("20.00", "54.00", "34.00"),
        ("54.00", "54.00", "0.00"),
        ("54.01", "53.99", "0.00"),
        ("108.00", "0.00", "0.00"),
    ],
)
def test_nothing_is_debited_below_zero(deposit, credit, left):
    split = expected_split(Decimal("108.00"), Decimal(deposit))
    assert split == (Decimal(credit), Decimal(left))


@given(st.decimals(0, 10**9, places=2))
def test_halves_sum_to_the_whole_and_differ_by_a_cent_at_most(gross):
    credit, left = expected_split(gross)
    assert credit + left == gross
    assert left - credit in (Decimal("0.00"), Decimal("0.01"))
