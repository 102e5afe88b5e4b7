"""What is computed: one detector a file."""
