"""What the forum promises: objects added, pulled and paged for a second of its own CPU, beside another TAXII server."""
