"""Measures the field reports."""
