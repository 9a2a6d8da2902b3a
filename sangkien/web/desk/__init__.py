"""What officers do with one initiative: find it valid, return it, find it invalid, reinstate it."""
