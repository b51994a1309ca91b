"""What things are called: nouns for kinds of records, words for fields."""

from collections.abc import Mapping

PEOPLE = frozenset(
    [
        "admin",
        "administrator",
        "agent",
        "applicant",
        "artist",
        "attendee",
        "attorney",
        "author",
        "borrower",
        "buyer",
        "caller",
        "candidate",
        "client",
        "clinician",
        "coach",
        "contact",
        "customer",
        "developer",
        "doctor",
        "donor",
        "driver",
        "employee",
        "engineer",
        "friend",
        "guest",
        "instructor",
        "judge",
        "lawyer",
        "lead",
        "manager",
        "member",
        "nurse",
        "operator",
        "owner",
        "participant",
        "passenger",
        "patient",
        "people",
        "person",
        "physician",
        "player",
        "provider",
        "reader",
        "resident",
        "reviewer",
        "seller",
        "staff",
        "student",
        "subscriber",
        "supervisor",
        "teacher",
        "technician",
        "tenant",
        "trainer",
        "user",
        "visitor",
        "volunteer",
        "worker",
    ]
)
PERSON_FIELDS = frozenset(
    [
        "assignee",
        "author",
        "by",
        "creator",
        "doctor",
        "manager",
        "owner",
        "provider",
        "recipient",
        "reviewer",
        "sender",
    ]
)
"""Last words of fields that name a person."""


def table(written: dict[str, str]) -> dict[frozenset[str], tuple[str, ...]]:
    """Read words in one text and names in another: `"a b": "X; Y"`."""
    return {frozenset(names.split()): tuple(found.split("; ")) for names, found in written.items()}


NAMES = table({
    "book": (
        "The Glass Harbour; Salt and Ash; A Short History of Bridges; The Last Orchard; "
        "Winter Letters; The Cartographer's Son; Nine Rivers; Learning to Sail"
    ),
    "course class lesson subject training": (
        "Introduction to Statistics; Organic Chemistry; Modern European History; Data "
        "Structures; Creative Writing; Linear Algebra; Microeconomics; Spanish II"
    ),
    "medication drug medicine prescription": (
        "Amoxicillin; Lisinopril; Metformin; Ibuprofen; Atorvastatin; Sertraline; "
        "Omeprazole; Levothyroxine"
    ),
    "task todo ticket issue": (
        "Update the price list; Fix the login page; Call the supplier; Prepare the "
        "slides; Review the contract; Order new badges; Test the backup; Book the meeting "
        "room"
    ),
    "page article record": (
        "Travel tips; Quarterly figures; First steps; How to order; Meeting minutes; "
        "Opening hours; Frequently asked questions; Looking back at the year"
    ),
    "event session meeting appointment course": (
        "Spring open day; Customer breakfast; Photography course; Product launch; "
        "Charity run; Board meeting; Book club evening; Team retreat"
    ),
    "exercise activity": (
        "Squats; Rowing; Bench press; Spinning; Push-ups; Deadlift; Stretching; Lunges"
    ),
    "channel": "general; announcements; design; support; random; releases; hiring; travel",
    "thread post discussion topic": (
        "How do you cope with bad days?; Tips for the first week; Welcome, newcomers; "
        "What helped you most?; Questions for the next meeting; Weekly check-in; "
        "Recommended reading; Small wins; Plans for the weekend; A question to all of you; "
        "Ideas for the next topic; What went well today?; Good books to get through winter; "
        "Introduce yourself; Looking back at the month; Meeting in person"
    ),
    "company organization organisation client account": (
        "Hartwell Logistics; Brightwater Foods; Oakfield Insurance; Meridian Optics; "
        "Pinecrest Media; Alder & Sons; Kestrel Software; Lakeside Printing; "
        "Northgate Motors; Springwell Water; Rowan Textiles; Harbour Freight; Stonebridge "
        "Bank; Clearview Glass; Larkfield Farms; Tilbury Tools"
    ),
    "equipment machine device asset instrument tool": (
        "Forklift; Projector; Label printer; Pallet truck; Floor scrubber; Cordless drill; "
        "Laminator; Barcode scanner; Coffee machine; Paper shredder; Air compressor; Ladder; "
        "Label maker; Hand truck; Conference phone; Generator"
    ),
    "song track album playlist music": (
        "Evening drive; Paper Boats; Northern Lights; Slow Mondays; Golden Hour; Letters "
        "Home; Kitchen dancing; Rainy Sunday"
    ),
    "movie film show video series": (
        "The Long Tide; Midnight Ferry; Paper Kings; The Quiet Hour; Second Harvest; Cold "
        "Lake; Open Water; The Understudy"
    ),
    "campaign promotion offer coupon": (
        "Spring sale; Back to school; Free shipping week; Refer a friend; Holiday "
        "countdown; Summer clearance; Loyalty days; New customer offer"
    ),
    "vehicle car fleet": (
        "Ford Transit; Toyota Corolla; Volkswagen Golf; Renault Kangoo; Tesla Model 3; "
        "Skoda Octavia; Nissan Leaf; Volvo V60"
    ),
})  # fmt: skip
"""Words for kinds of records → names of such things."""
ALIKE = table(
    {
        "product commodity item goods article merchandise stock": "{}, white; {}, black; {}, blue",
        "meal food recipe dish menu": "{}, small; {}, large; {}, extra large",
        "medication drug medicine prescription": "{} 200 mg; {} 400 mg; {} 600 mg",
        "position job role": "{}, junior; {}, senior; {}, part-time",
        "location branch site area place zone warehouse facility venue clinic hospital": (
            "{} North; {} South; {} East"
        ),
        "department team unit division business shop store restaurant merchant vendor supplier": (
            "{} North; {} South; {} East"
        ),
        "company organization organisation client account": "{} North; {} South; {} East",
    }
)
"""Words for kinds of records → what things are called beside one of a name."""
NUMBERED = ("{} 2", "{} 3", "{} 4")
"""The same for other kinds."""

WORDS = table({
    "status": "active",
    "profession occupation": "registered nurse; physician; pharmacist; dentist; physiotherapist",
    "state province": (
        "Texas; Ohio; Oregon; Florida; Colorado; Maine; Georgia; Idaho; Nebraska; Tennessee; "
        "Minnesota; Arizona"
    ),
    "incident": "heart attack; stroke; fall at home; traffic accident; breathing difficulties",
    "country": "United States; Canada; Germany; France; Japan; Brazil",
    "gps coordinates": "45.5231, -122.6765; 30.2672, -97.7431; 39.7392, -104.9903",
    "body": "left forearm; right cheek; upper back; scalp; left ankle",
    "encounter appointment": "check-up; follow-up; vaccination; consultation",
    "gender sex": "female; male",
    "specialty specialization speciality": (
        "General practice; Internal medicine; Family medicine; Orthopedics; Surgery"
    ),
    "department ward": "Finance; Engineering; Customer Support; Marketing; Operations; Legal",
    "role position": "manager; analyst; assistant; coordinator; supervisor; specialist",
    "allergen allergies allergy": "penicillin; peanut; latex; shellfish; pollen; egg",
    "reaction": "rash; swelling; hives; itching; redness",
    "severity": "mild; moderate; severe",
    "diagnoses diagnosis condition": (
        "hypertension; type 2 diabetes; asthma; migraine; bronchitis; lower back pain"
    ),
    "medications medication": "Lisinopril; Metformin; Ibuprofen; Amoxicillin; Omeprazole",
    "treatment history": "physiotherapy; appendectomy; vaccination; cast removed",
    "needs need": (
        "help with shopping; help with housework; a visit by the nurse; meals on wheels; "
        "a ride to the check-up; somebody to call at night"
    ),
    "instructions instruction": (
        "rest for a week; see the family doctor in two weeks; drink plenty of water; take the "
        "medicines as prescribed; come back if it gets worse; call the ward with any question"
    ),
    "amenities features amenity": (
        "wifi; balcony; minibar; air conditioning; sea view; desk; bathtub"
    ),
    "brand manufacturer make": "Norwell; Kestrel; Alpina; Brightline; Tamaro; Oakley",
    "model": "X200; Pro 3; Compact S; T-450; Series 5; Classic",
    "category genre": "Electronics; Home; Outdoor; Office; Kitchen; Sports",
    "tags tag keywords keyword labels label interests": (
        "urgent; summer; internal; beginner; follow-up; popular; draft"
    ),
    "skills skill qualification": "Excel; first aid; project management; SQL; forklift",
    "method": "credit card; bank transfer; PayPal; direct debit",
    "currency": "USD; EUR; GBP",
    "language languages": "English; Spanish; French; German",
    "color colour": "black; blue; red; green; grey; white",
    "size": "small; medium; large",
    "unit units": "piece; box; kg; litre; pack",
    "period": "2024-Q1; 2024-Q2; 2024-Q3; 2024-Q4",
    "priority urgency level": "low; medium; high",
    "timezone": "Europe/London; America/New_York; Asia/Tokyo",
    "symptoms symptom": "cough; fever; headache; fatigue; sore throat",
    "neighborhood district region": "Old Town; Riverside; Northgate; Hillcrest; Docklands",
    "sport": "tennis; basketball; swimming; football",
    "rating": "A; AA; B; BBB",
    "criteria": "every day until the end; three times a week; once a week; on weekdays",
    "query params": (
        "invoices of March 2024; customers in the north region; orders above 500; open orders; "
        "contracts that end in 2025; products without a picture; unpaid invoices by customer; "
        "suppliers by name; customers in the south region; articles in English; letters with "
        "attachments; employees by department; orders of the year 2023; customers without an "
        "address; products by category; contracts by supplier"
    ),
    "content media": "photo; video; article",
    "event": "check-up; meeting; call; visit",
    "type": "standard; regular; special; basic",
    "performed action": "lubricated the bearings; replaced the belt; tightened all screws",
    "metadata": "none",
})  # fmt: skip
"""Words of fields → what they hold."""

GRADES = ("excellent", "good", "very good", "fair")
"""How good a thing is, in words."""
CREDIT = frozenset((
    *("bond", "bonds", "security", "securities", "company", "companies", "issuer", "credit"),
    *("debt", "loan", "borrower", "debtor", "fund", "bank", "country", "counterparty"),
))  # fmt: skip
"""Words for those who owe money, and for what they owe, whose `rating` is in letters."""
CLIENTS = frozenset(("patient", "customer", "guest", "member", "client", "student"))
"""Kinds of people who are served."""
STAFF = frozenset(
    ("provider", "clinician", "staff", "employee", "agent", "doctor", "nurse", "physician")
)
"""Words for kinds of people who serve them."""
ONLY_FOR = {
    frozenset(words.split("; ")): frozenset(kinds.split())
    for words, kinds in {
        "resolved": "dispute ticket incident complaint issue claim case alert request allergy",
        "discharged; admitted; medically ready": "patient admission stay discharge",
        "paid; unpaid; overdue; partially paid; partially_paid": (
            "bill invoice order charge loan fee subscription booking account"
        ),
        "maintenance; operational; out of order; under repair": (
            "equipment machine room service device vehicle ambulance bike"
        ),
        "fulfilled; shipped; delivered; backordered": "order shipment delivery package item",
        "disrupted": "service",
        "authenticated; unauthenticated": "user session account login",
        "success; successful; failed; declined": (
            "payment transaction job request refund transfer upload delivery"
        ),
        "returned; borrowed; on loan": "loan equipment item book device",
        "draft; published; finalized": "report document post article statement plan thread",
    }.items()
}
"""Statuses that only some kinds of records have → words for those kinds."""
NEVER_FOR = {
    frozenset(("cancelled", "canceled", "completed")): PEOPLE,
    frozenset(("inactive",)): frozenset(
        ("order", "payment", "invoice", "bill", "booking", "request", "appointment", "task")
    ),
}
"""Statuses that some kinds of records never have → words for those kinds."""
CLEARER: Mapping[str, str] = {
    "Antonio": "Antonia",
    "Arlie": "Arnold",
    "Austin": "Augusta",
    "Avery": "Albert",
    "Bee": "Beatrice",
    "Berry": "Bernard",
    "Carmine": "Cameron",
    "Carol": "Karl",
    "Carry": "Carrie",
    "Chris": "Christian",
    "Claude": "Claudia",
    "Claudie": "Claudine",
    "Cody": "Corinne",
    "Dallas": "Dale",
    "Dannie": "Danielle",
    "Daryl": "Derek",
    "Donald": "Donna",
    "Dong": "Dennis",
    "Elisha": "Elias",
    "Frankie": "Frank",
    "Hong": "Howard",
    "Ivory": "Ivan",
    "Jaime": "Jacob",
    "Jame": "James",
    "Jewel": "Joel",
    "Johnnie": "John",
    "Johnson": "Jonathan",
    "Joshua": "Joanna",
    "Ka": "Kara",
    "Kip": "Kenneth",
    "Laverne": "Lawrence",
    "Lesley": "Lester",
    "Linh": "Linda",
    "Louie": "Leonard",
    "Love": "Lovisa",
    "Marlin": "Martin",
    "Mary": "Marius",
    "Maryland": "Marilyn",
    "Michal": "Michael",
    "Michale": "Milton",
    "Nicol": "Nicole",
    "Riley": "Robert",
    "Royce": "Rosalie",
    "Sol": "Solomon",
    "Sunday": "Susanna",
    "Tiny": "Tina",
    "Tracey": "Tristan",
    "Val": "Valentin",
    "Wesley": "Wendy",
    "Xiao": "Xenia",
}
"""First names of which the library tells the other gender than most who have them, or which women
and men have → names that leave no doubt; as many, so that chance chooses the others as before."""
