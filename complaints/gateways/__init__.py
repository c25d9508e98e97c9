"""Ways out of this process: the sandbox where copies are made, and the virus scanner."""
