"""The hot loops of node vectors: walks, and pairs along edges."""
