"""The playbooks: content only, found by path; neither side imports the other."""
