"""Between counts and readers: what each audience may see, what it saw before, and the attacker."""
