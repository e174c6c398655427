"""Pictures of what a run did; matplotlib is the extra `plots`."""
