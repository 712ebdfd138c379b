"""Traces (OpenTelemetry) and reports of errors (Sentry): off unless settings name where they go."""
