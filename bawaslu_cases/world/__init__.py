"""The composition layer, which may see every app: real input and the invented demo world."""
