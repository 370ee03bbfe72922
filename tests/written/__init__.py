"""The pages of docs/ that are made from the content: they say what the playbooks are. `make docs` writes them."""
