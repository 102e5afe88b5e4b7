"""The SQL that ships, all of it generated: ``packs`` holds one folder of golden queries a dialect."""
