"""What an operator does with a node: export, replicate, back up, restore, examine."""
