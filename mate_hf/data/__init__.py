"""Motion-text corpora: read from folders or the Hub, prepared, stored, drawn into batches."""
