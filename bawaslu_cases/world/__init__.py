"""The composition layer that may see every app: import of real input and the invented demo world."""
