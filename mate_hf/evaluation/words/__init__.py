"""Does a word know its motion? Probes of single words: cosines, swaps, grounding, disentanglement."""
