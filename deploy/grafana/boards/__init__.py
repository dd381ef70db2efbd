"""The Grafana dashboards as code. `script/dashboards` writes them to deploy/grafana/dashboards."""
