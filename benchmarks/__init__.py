"""Measurements that print ratios within one run: `python -m benchmarks [TOPIC ...]`.

A topic is a module with `run() -> list[Row]`, named in `__main__.TOPICS`.
"""
