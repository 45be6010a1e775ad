"""Result files, and every way to show them."""
