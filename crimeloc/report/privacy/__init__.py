"""What a reader may not see: pseudonyms, small counts, clusters that tell too much."""
