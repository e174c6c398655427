"""Configurations of accelerate's launcher."""
