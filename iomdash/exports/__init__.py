"""What is taken away: figures, pages and whole releases as files, of what a release shows alone."""
