"""HOW DO WE SAY IT? STIX 2.1 objects and TAXII 2.1 resources, as strict types on the wire."""
