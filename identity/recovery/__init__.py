"""Ways back into an account for somebody who lost every way to sign in.

A recovery sheet with codes, two of three guardians, and what all ways end in: new factors, all
sessions over, all devices told. What comes back is the account, never a voting credential: none is
kept here, so none can be given to whoever comes back.
"""
