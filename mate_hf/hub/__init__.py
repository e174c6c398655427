"""To the Hub with a card, and back."""
