"""Repairs of a bicycle workshop."""

from typing import TypedDict


class Repair(TypedDict):
    """A repair that was ordered."""

    repair_id: str
    customer_name: str
    priority: str
    price: int


class BikeWorkshop:
    """Repairs that customers of a bicycle workshop have ordered."""

    def __init__(self):
        # repair_id -> repair
        self.repairs: dict[str, Repair] = {}

    def find_repairs(self, customer_name: str) -> dict:
        """Find the repairs of a customer.

        Args:
            customer_name (str): Full name.
        """
        found = [
            dict(one) for one in self.repairs.values() if one["customer_name"] == customer_name
        ]
        return {"success": True, "data": found}

    def set_repair_priority(self, repair_id: str, priority: str) -> dict:
        """Set how urgent a repair is.

        Args:
            repair_id (str): The repair.
            priority (str): "low", "normal" or "high".
        """
        if repair_id not in self.repairs:
            return {"success": False, "error": "No such repair"}
        if priority not in ("low", "normal", "high"):
            return {"success": False, "error": "No such priority"}
        self.repairs[repair_id]["priority"] = priority
        return {"success": True, "message": "Set"}

    def cancel_repair(self, repair_id: str) -> dict:
        """Cancel a repair.

        Args:
            repair_id (str): The repair.
        """
        if repair_id not in self.repairs:
            return {"success": False, "error": "No such repair"}
        del self.repairs[repair_id]
        return {"success": True, "message": "Cancelled"}
