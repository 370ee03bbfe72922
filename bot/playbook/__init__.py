"""Content: a playbook folder becomes a typed model, a plan, and neutral cards. The only place that renders text."""
