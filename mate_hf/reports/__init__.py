"""What a run did, for others to look at: pictures of its words, pictures of many runs, and one page of everything."""
