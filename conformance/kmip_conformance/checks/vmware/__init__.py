"""What VMware vCenter and vSAN send, replayed as scenarios, and the failures of servers that have met them in the field."""
