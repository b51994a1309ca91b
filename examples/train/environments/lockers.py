"""Parcels in the lockers of a pick-up point."""

from typing import TypedDict


class Parcel(TypedDict):
    """A parcel that waits."""

    parcel_id: str
    recipient_name: str
    locker: str
    status: str


class ParcelLockers:
    """Parcels that wait in the lockers of a pick-up point."""

    def __init__(self):
        # parcel_id -> parcel
        self.parcels: dict[str, Parcel] = {}

    def find_parcels(self, recipient_name: str) -> dict:
        """Find the parcels of a recipient.

        Args:
            recipient_name (str): Full name.
        """
        found = [
            dict(one) for one in self.parcels.values() if one["recipient_name"] == recipient_name
        ]
        return {"success": True, "data": found}

    def set_parcel_status(self, parcel_id: str, status: str) -> dict:
        """Set the status of a parcel.

        Args:
            parcel_id (str): The parcel.
            status (str): "waiting", "collected" or "returned".
        """
        if parcel_id not in self.parcels:
            return {"success": False, "error": "No such parcel"}
        if status not in ("waiting", "collected", "returned"):
            return {"success": False, "error": "No such status"}
        self.parcels[parcel_id]["status"] = status
        return {"success": True, "message": "Set"}

    def remove_parcel(self, parcel_id: str) -> dict:
        """Remove a parcel from the list.

        Args:
            parcel_id (str): The parcel.
        """
        if parcel_id not in self.parcels:
            return {"success": False, "error": "No such parcel"}
        del self.parcels[parcel_id]
        return {"success": True, "message": "Removed"}
