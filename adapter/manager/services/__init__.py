"""What the back office does beyond the agendas' services."""
