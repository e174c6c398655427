"""What `accelerate launch` runs, and the parts the scripts share."""
