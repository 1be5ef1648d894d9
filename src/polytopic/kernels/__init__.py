"""What every hot loop shares: how it is compiled."""
