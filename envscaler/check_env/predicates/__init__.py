"""What a model says that each tool has to do, and each rule forbids, held against calls."""
