"""One YAML file a run a person would want."""
