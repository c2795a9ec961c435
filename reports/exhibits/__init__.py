"""Exhibits: chosen mail as stamped pages, with its originals and the means to check them."""
