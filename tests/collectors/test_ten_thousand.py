"""Fault 17: a city of ten thousand machines, of which a third is dead."""

from __future__ import annotations

from collections import Counter

import pytest
from scraping import NOW, closed_port, collecting, page
from servers import answering, serving, silence

from collectors.collector import Reason

STEP = 120  # seconds


@pytest.mark.slow
def test_fault_17_of_10000_targets_with_30_percent_dead_all_the_living_are_scraped_in_one_interval() -> None:
    with serving(answering(page())) as alive, serving(silence) as hanging:
        refusing = closed_port()
        urls = [
            hanging.url() if number % 20 < 3 else refusing if number % 20 < 6 else alive.url()
            for number in range(10_000)
        ]
        with collecting(urls, STEP, spread=0.8 * STEP, timeout=10) as collector:
            batches = list(collector.collect(NOW))

    # Who is not reached within the interval is Reason.UNREACHED.
    reasons = Counter(failure.reason for batch in batches for failure in batch.failures)
    assert sum(batch.samples.num_rows for batch in batches) == 7_000
    assert reasons == {Reason.TIMEOUT: 1_500, Reason.CONNECT: 1_500}
