"""What the partnership and the study say, as data: all else reads it, it reads nothing."""
