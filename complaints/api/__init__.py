"""The API for regional offices: what they read, and what their own systems send on."""
