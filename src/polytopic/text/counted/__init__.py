"""Corpora that other packages have counted or gathered: gensim, OCTIS, TopMost, scikit-learn."""
