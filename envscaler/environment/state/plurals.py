"""The singular of a collection's name: `dish` for `dishes`, `order_item` for `order_items`.

By the rules of `inflection`, after those words that its rules turn into none, such as `drives`,
`bonuses` and `quota`.
"""

import re
from functools import lru_cache

import inflection

_ODD = {
    "menus": "menu",
    "skus": "sku",
    "cpus": "cpu",
    "gpus": "gpu",
    "excuses": "excuse",
    "fuses": "fuse",
    "uses": "use",
    "caches": "cache",
    "headaches": "headache",
    "niches": "niche",
    "toes": "toe",
    "canoes": "canoe",
    "bases": "base",
    "radii": "radius",
    "teeth": "tooth",
    "feet": "foot",
    "geese": "goose",
    "criteria": "criterion",
    "women": "woman",
    "men": "man",
}
_ENDINGS = [
    (re.compile(ending), instead)
    for ending, instead in (
        (r"(.*ss|.*us|.*[aeioy]sis|axis|chassis|gas|bias|alias|atlas|canvas|lens)", r"\1"),
        (r"(s|series|species|news|goods|.*ics|sms|gps|dns|pos|os)", r"\1"),
        (r"(.*[^aeo]us|gas|bias|alias|atlas|canvas|lens)es", r"\1"),
        (r"(.*shel|lea|loa|thie|hal|cal|wol|scar|sel|el)ves", r"\1f"),
        (r"(.*kni|.*wi|li)ves", r"\1fe"),
        (r"(.*)ves", r"\1ve"),
        (r"(cook|calor|rook|brown|smooth|self|gen|hood|t|p|l|d)ies", r"\1ie"),
        # Of what has no plural s, only these are plurals: `quota`, `slice` and `regimen` are not.
        (r"(?!people$|children$|mice$)(.*[^s])", r"\1"),
    )
]


def singular(name: str) -> str:
    """Return `category` for `categories`, `box` for `boxes`, and `status` for itself."""
    start, underscore, word = name.rpartition("_")
    return start + underscore + _singular_word(word)


@lru_cache(4096)
def _singular_word(word: str) -> str:
    if word in _ODD:
        return _ODD[word]
    for ending, instead in _ENDINGS:
        if ending.fullmatch(word):
            return ending.sub(instead, word)
    return inflection.singularize(word)
