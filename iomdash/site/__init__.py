"""What every page shares: filters in the URL, the release line, and how a picture is shown."""
