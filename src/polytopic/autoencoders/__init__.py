"""The plain autoencoders that the neural topic models grew out of: rows in, vectors out."""
