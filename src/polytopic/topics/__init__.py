"""Topic models: thin classes that choose a row of the algebra's table."""
