"""Staff: who they are, what they may do, and whose papers they may see. Reporters have no account."""
