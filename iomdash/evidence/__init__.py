"""What protected counts bear: intervals, tests, rates, curves, verdicts."""
