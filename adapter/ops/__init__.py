"""What admins look at: health, readiness, metrics, request logs."""
