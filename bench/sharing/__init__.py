"""What members gain by matching: one campaign over three providers, each share too small to be seen there alone."""
