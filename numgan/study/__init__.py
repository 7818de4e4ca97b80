"""For people: pictures, the numbered derivation, and tools to read the source by."""
