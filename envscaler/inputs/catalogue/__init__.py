"""What things are and have: a product with its category, maker and price, a meal and its calories.

`things.txt` has the tables, `catalogue` reads them. A table begins with a line of its name, the
field of work that has such things (`any` for all) and words for the kinds of records that are such
things. Its first row says what the columns are. What is in one row belongs together. Alternatives
in a column, the first the usual one, are separated by `;`, the least and the most of a number
by `..`.
"""
