"""Makes the records of an invented state agree: what refers to each other tells one story.

Each module takes the `Records` of a state and puts one kind of thing right: who belongs to whom
(`belonging`), what a thing has (`things`), statuses and what they imply (`standing`), times
(`timeline`), sums and counts (`adding_up`).
"""
