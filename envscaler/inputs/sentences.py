"""Sentences that a field of a record could hold, and parts of names."""

NOTES = (
    "Agreed with {person} by phone.",
    "{person} asked to be told when it is done.",
    "Please check again before the end of the month.",
    "Nothing unusual.",
    "Discussed with {person} on Monday.",
    "To be confirmed by {person}.",
    "Waiting for an answer from {person}.",
)
PRAISE = (
    "Works well, would buy it again.",
    "Exactly as described, and quickly there.",
    "Good value for the price.",
    "My whole family likes it.",
)
BLAME = (
    "Broke after two weeks.",
    "Smaller than it looks.",
    "Too expensive for what it is.",
    "Not what I expected from the pictures.",
)
PRAISE_OF_PLACES = (
    "Friendly staff and short waiting times.",
    "Clean and quiet, will come again.",
    *PRAISE[2:],
)
BLAME_OF_PLACES = (
    "Waited far too long and nobody answered.",
    "Not as good as last time.",
    *BLAME[2:],
)
REVIEWS = (*PRAISE, *BLAME)
REVIEWS_OF_PLACES = (*PRAISE_OF_PLACES, *BLAME_OF_PLACES)
REMARKS = (
    "Checked and found in order.",
    "Please check again before the end of the month.",
    "Corrected after a phone call.",
    "To be looked at again next week.",
    "Waiting for the missing papers.",
)
"""Notes that name nobody."""
MEDICAL = (
    "Blood pressure slightly raised.",
    "Recovering well.",
    "Pain in the left knee after a fall.",
    "New prescription, to be checked in two weeks.",
)
FEES = (
    "Monthly subscription",
    "Delivery and handling",
    "Late payment fee",
    "Storage upgrade",
    "Installation on site",
    "Extended warranty",
    "Support package",
    "Additional user licence",
    "Data transfer above the limit",
    "Setup fee",
)
BIOS = (
    "Likes cycling and long walks.",
    "Parent of two, cooks every day.",
    "Trains for a first marathon.",
    "Vegetarian, fond of old films.",
    "Plays the cello and climbs.",
    "Works shifts and sleeps too little.",
    "Back in sports after a knee injury.",
    "Photographs birds and city lights.",
    "Teaches maths, reads thrillers.",
    "Gardener with too many tomatoes.",
)
LETTERS = (
    "Your appointment is confirmed.",
    "Please send us the missing form.",
    "Thank you for your message, we will call back.",
    "Your parcel is ready for pick-up.",
    "The meeting starts half an hour later.",
    "Please check the new schedule.",
)
CLAIMS = (
    "Water damage in the kitchen.",
    "Rear-end collision at a crossing.",
    "Bicycle stolen from the courtyard.",
    "Broken window after the storm.",
    "Suitcase lost on the way home.",
)
AUDITS = (
    "The status was corrected.",
    "Handed over to a colleague.",
    "The amount was adjusted.",
    "Details were added by phone.",
)
SCANS = (
    "Invoice no. 4471, total 318.20 EUR.",
    "Dear Ms Hopkins, thank you for your letter of 3 May.",
    "Rental agreement, signed on 12 March.",
    "Receipt: 2 coffees, 1 sandwich, 14.30 USD.",
)
PLACES = (
    "Next to the main entrance.",
    "On the second floor.",
    "Open on weekdays only.",
    "Wheelchair access from the yard.",
)
DESCRIPTIONS = (
    "Covers the basics and a little more.",
    "For everyday use.",
    "Recommended for beginners.",
    "Simple and reliable.",
    "Popular with families.",
)
POSTS = (
    "Finally some sun after a week of rain.",
    "Does anyone have tips for a first marathon?",
    "Thank you all for the kind words yesterday.",
    "Today went better than I thought.",
    "Trying a new bread recipe this weekend.",
    "I slept badly but the walk helped.",
)
ADJECTIVES = (
    "Spring",
    "Riverside",
    "Central",
    "Evening",
    "Northern",
    "Express",
    "Classic",
    "Green",
)
STREETS = (
    "Street",
    "Avenue",
    "Road",
    "Lane",
)
RESOLUTIONS = (
    "The amount was corrected.",
    "A refund was sent.",
    "The charge stands; a breakdown was sent.",
    "Settled by phone.",
)
TASKS = (
    "Send the signed copy to the customer.",
    "Compare three suppliers and note the prices.",
    "Ask the landlord about the broken heating.",
    "Collect the figures for the monthly report.",
    "Update the phone list on the intranet.",
    "Invite everybody to the kick-off meeting.",
    "Renew the licence before it runs out.",
    "Order toner for the second floor.",
    "Check the invoices of last month.",
    "Write the minutes of the board meeting.",
    "Book a room for the training day.",
    "Replace the broken projector.",
    "Prepare the slides for the review.",
    "Call back the caterer.",
    "Test the nightly backup.",
    "Clean up the shared folder.",
    "Translate the user manual.",
)
SUMMARIES = (
    "Revenue rose by four percent, costs stayed flat.",
    "Results are in line with the budget.",
    "Lower travel costs made up for weaker sales.",
    "Cash position is sound; two large invoices are open.",
    "Figures are final except for depreciation.",
)
DISPUTES = (
    "Charged twice for the same visit",
    "The amount does not match the offer",
    "This treatment never took place",
    "My insurance should have covered this",
)
CONTACTS = (
    "Asked for a written explanation.",
    "Wants to be called back in the morning.",
    "Accepted the proposal on the phone.",
    "Was told that it takes about a week.",
    "Sent the missing papers by mail.",
)
UPKEEP = (
    "Ordered a spare part.",
    "Runs quietly again.",
    "Should be looked at again in a month.",
    "Worn parts were replaced.",
)
FAMILY = (
    "The operation went well.",
    "The doctor thinks of a discharge on Friday.",
    "Visits are possible from two o'clock.",
    "Reading glasses and slippers are needed.",
    "Please bring the list of medicines.",
    "The fever is gone since yesterday.",
    "The results of the blood test are fine.",
    "A chair lift at home would help.",
)
CHECKS = (
    "No change since the last visit.",
    "The rash is fading; continue the cream.",
    "Follow-up in four weeks.",
    "A biopsy is recommended.",
)
