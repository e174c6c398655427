"""The losses of the papers, and what a batch of them is made of."""
