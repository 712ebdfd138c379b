"""Django's PostgreSQL backend, with statements that the server prepares once and a health check that costs nothing."""
