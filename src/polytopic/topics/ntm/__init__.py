"""NTM: terms and documents scored by topics, trained by ranking, with and without labels."""
