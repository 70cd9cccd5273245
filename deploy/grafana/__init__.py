"""The dashboard as data; ``python -m deploy.grafana`` writes what Grafana loads."""
