"""The REST API: parse, ask a service, render. An HTTP status appears nowhere else in the fleet."""
