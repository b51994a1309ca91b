"""Orders of a plant nursery: the environment that is held out."""

from typing import TypedDict


class Order(TypedDict):
    """Plants that somebody has ordered."""

    order_id: str
    buyer_name: str
    plant: str
    size: str


class PlantNursery:
    """Plants that buyers have ordered at a nursery."""

    def __init__(self):
        # order_id -> order
        self.orders: dict[str, Order] = {}

    def find_orders(self, buyer_name: str) -> dict:
        """Find the orders of a buyer.

        Args:
            buyer_name (str): Full name.
        """
        found = [dict(one) for one in self.orders.values() if one["buyer_name"] == buyer_name]
        return {"success": True, "data": found}

    def set_order_size(self, order_id: str, size: str) -> dict:
        """Set the size of the plants of an order.

        Args:
            order_id (str): The order.
            size (str): "small", "medium" or "large".
        """
        if order_id not in self.orders:
            return {"success": False, "error": "No such order"}
        if size not in ("small", "medium", "large"):
            return {"success": False, "error": "No such size"}
        self.orders[order_id]["size"] = size
        return {"success": True, "message": "Set"}

    def withdraw_order(self, order_id: str) -> dict:
        """Withdraw an order.

        Args:
            order_id (str): The order.
        """
        if order_id not in self.orders:
            return {"success": False, "error": "No such order"}
        del self.orders[order_id]
        return {"success": True, "message": "Withdrawn"}
