"""What ``board.py`` is made of: the rows, how one is run, the lines that are kept, their tables."""
