"""The monitor with quick steps, for tests that wait for one."""

from functools import partial

from civic.monitor import Monitor

quick = partial(Monitor, grain=1)
