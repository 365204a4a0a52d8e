"""The probabilistic model of linkage: blocking, comparisons, weights, groups."""
