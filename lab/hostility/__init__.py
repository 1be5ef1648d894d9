"""Text that tries to run, steer, reorder, break or pretend, and the doors it leaves by."""
