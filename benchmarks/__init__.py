"""Measurements that print ratios within one run: `python -m benchmarks [TOPIC ...]`.

A topic is a module with `run(sizes) -> Iterator[Row]`, its sizes FULL, and SMOKE: tiny, to see that
it still runs. It is named in `__main__.TOPICS`.
"""
