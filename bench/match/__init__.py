"""What private matching costs: CPU of every party and bytes for an identifier, beside OpenMined PSI."""
