"""The reader who was shown everything, and what they could work out about too few people."""
