"""How sure a chapter is that a member is one real person: vouches, verifications, challenges."""
