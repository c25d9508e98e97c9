"""Do two reports tell of the same thing? Names, posts, words and days compared; no framework here.

``names`` and ``positions`` bring spellings together, ``words`` reads free text, ``scoring`` adds up
what speaks for and against, with its reasons. Nothing here reads a database or keeps a text.
"""
