"""The API: figures and reference data; the regional offices come later."""
