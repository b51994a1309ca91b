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
        ]
    ),
    "sport": frozenset(["fitness", "gym", "sport", "sports", "workout"]),
}
"""Fields of work → words by which a class is of one."""
SPECIAL_NAMES = {
    "health": table({
        "equipment machine device asset instrument tool": (
            "Wheelchair; Infusion pump; Hospital bed; Oxygen concentrator; Walking frame; "
            "Blood pressure monitor; Nebulizer; Ultrasound scanner"
        ),
        "department team unit division": (
            "Cardiology; Emergency; Maternity; Oncology; Pediatrics; Radiology; Surgery; "
            "Intensive care"
        ),
    }),
    "sport": table({
        "equipment machine device asset instrument tool": (
            "Treadmill; Rowing machine; Exercise bike; Elliptical trainer; Leg press; Cable "
            "machine; Stair climber; Smith machine"
        ),
        "location branch site area place zone facility": (
            "Cardio area; Weight room; Spinning studio; Yoga studio; Pool deck; Reception; "
            "Upper floor; Stretching corner"
        ),
    }),
}  # fmt: skip
"""Field of work → kinds of records → names of such things, before those in `NAMES`."""
SPECIAL_WORDS = {
    "sport": table({
        "role position": "trainer; receptionist; technician; cleaner; manager",
    }),
    "health": table({
        "ward department team": (
            "Cardiology; Emergency; Maternity; Oncology; Pediatrics; Radiology; Surgery"
        ),
        "role position": "nurse; physician; pharmacist; physiotherapist; radiologist",
        "event": "check-up; vaccination; blood test; surgery; follow-up visit; X-ray",
        "treatment procedure": (
            "Blood test and X-ray; Appendectomy; Physiotherapy, six sessions; Stitches, left "
            "hand; MRI of the knee; Overnight observation"
        ),
        "crew": "two paramedics; paramedic and driver; emergency doctor and paramedic",
        "details summary": (
            "Blood pressure slightly raised.; Recovering well.; Slept badly, otherwise fine.; "
            "Pain in the left knee after a fall.; New prescription, to be checked in two weeks."
        ),
    }),
}  # fmt: skip
"""Field of work → words of fields → what they hold, before those in `WORDS`."""
