"""What shows only where all but one argument is right, and after the same call."""

from envscaler.records import FindingKind
from tests.check_env.arena import examined, found

STORE = '''
class Store:
    def __init__(self):
        self.items = {"E1": {"item_id": "E1", "car": "V1", "price": 5}}
        self.cars = {"V1": {"car_id": "V1", "out": False}, "V2": {"car_id": "V2", "out": False}}

    def move_item(self, item_id: str, car: str = None) -> dict:
        """Move an item to a car, or to the store."""
        item = self.items.get(item_id)
        if item is None or item["car"] == car or car is not None and car not in self.cars:
            return {"success": False, "error": "unknown, or there already"}
        if HELD:
            return {"success": False, "error": "the car is out"}
        item["car"] = car
        return {"success": True, "message": "moved"}
'''


def test_a_look_up_that_the_change_itself_makes_fail_is_found() -> None:
    faulty = STORE.replace("HELD", 'self.cars[item["car"]]["out"]')
    sound = STORE.replace("HELD", 'item["car"] and self.cars[item["car"]]["out"]')

    assert (FindingKind.UNCAUGHT_EXCEPTION, "move_item") in found(examined(faulty))
    assert found(examined(sound)) == set()


def test_nothing_is_lost_of_a_call_that_gives_nothing_to_keep() -> None:
    source = '''
class Dome:
    def __init__(self):
        self.blocks = {"B1": {"night": "N1", "ref": "R1"}, "B2": {"night": "N2", "ref": "R2"}}

    def place_all(self, night: str, refs: list[str]) -> dict:
        """Plan blocks of a night, in the order given."""
        for ref in refs:
            self.blocks[f"B{len(self.blocks) + 1}"] = {"night": NIGHT, "ref": ref}
        return {"success": True, "data": list(refs)}
'''
    kind = (FindingKind.SUCCESS_WITHOUT_CHANGE, "place_all")

    assert kind not in found(examined(source.replace("NIGHT", "night")))
