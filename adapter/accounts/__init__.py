"""Log-in by OpenID Connect: who an agent is and which roles they hold, as the platform's identity provider says."""
