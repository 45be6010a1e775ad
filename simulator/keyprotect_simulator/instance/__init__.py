"""What belongs to an instance as a whole: its policies, key rings and import token."""
