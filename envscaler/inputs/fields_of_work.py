"""What only some fields of work have: the machines of a gym, the wards of a hospital."""

from envscaler.inputs.word_lists import table

FIELDS = {
    "health": frozenset(
        [
            "hospital",
            "patient",
            "patients",
            "medical",
            "health",
            "healthcare",
            "clinic",
            "clinician",
            "nursing",
            "dispatch",
        ]
    ),
    "sport": frozenset(["fitness", "gym", "sport", "sports", "workout"]),
    "finance": frozenset(["financial", "finance", "accounting", "fiscal"]),
}
"""Fields of work → words by which a class is of one."""
SPECIAL_WORDS = {
    "sport": table({
        "role position": "trainer; receptionist; technician; cleaner; manager",
    }),
    "finance": table({
        "department": "Finance; Accounting; Controlling; Group Reporting",
    }),
    "health": table({
        "ward": "Ward 1A; Ward 2A; Ward 2B; Ward 3A; Ward 3B",
        "department team": (
            "Cardiology; Emergency; Oncology; Surgery; Orthopedics; Neurology; Internal medicine"
        ),
        "role position": "nurse; physician; pharmacist; physiotherapist; radiologist",
        "event": "check-up; vaccination; blood test; surgery; follow-up visit; X-ray",
        "treatment procedure": (
            "Blood test and X-ray; Appendectomy; Physiotherapy, six sessions; Stitches, left "
            "hand; MRI of the knee; Overnight observation"
        ),
        "crew": "two paramedics; paramedic and driver; emergency doctor and paramedic",
        "details summary": (
            "Values in the normal range.; Recovering well.; Slept badly, otherwise fine.; "
            "No complaints at the moment.; To be checked again in two weeks.; Medication as before."
        ),
    }),
}  # fmt: skip
"""Field of work → words of fields → what they hold, before those in `WORDS`."""
