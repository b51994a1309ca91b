"""Faults to plant into the clean environments: a piece of source, and what stands there instead."""

from dataclasses import dataclass

from envscaler.records import FindingKind
from tests.check_env.planted.states import clean_source

K = FindingKind


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing made wrong in a clean environment."""

    name: str
    kind: FindingKind
    environment: str
    tool: str
    """Where it shows; empty when it may be at any."""
    old: str
    new: str
    count: int = 1
    """How often `old` stands there, and is replaced."""

    @property
    def source(self) -> str:
        """The source of the environment with the fault in it."""
        source = clean_source(self.environment)
        assert source.count(self.old) == self.count, f"{self.name}: {source.count(self.old)} places"
        return source.replace(self.old, self.new)


FAULTS = (
    # A query that changes the state.
    Fault(
        "query sorts the state in place",
        K.QUERY_CHANGES_STATE,
        "shop",
        "list_orders",
        """        own = [one for one in self.orders.values() if one["customer_id"] == customer_id]
        own.sort(key=lambda one: one["placed_at"], reverse=True)""",
        """        self.orders = dict(sorted(self.orders.items()))
        own = [one for one in self.orders.values() if one["customer_id"] == customer_id]
        for one in own:
            one["seen"] = True""",
    ),
    Fault(
        "query counts how often it was asked",
        K.QUERY_CHANGES_STATE,
        "library",
        "get_book",
        """            return self._fail("No such book")
        return {"success": True, "data": copy.deepcopy(book)}""",
        """            return self._fail("No such book")
        book["views"] = book.get("views", 0) + 1
        return {"success": True, "data": copy.deepcopy(book)}""",
    ),
    Fault(
        "query fills in a missing key",
        K.QUERY_CHANGES_STATE,
        "clinic",
        "search_patients",
        """        found = [
            {"patient_id": key, "name": one["name"]}""",
        """        for one in self.patients.values():
            one.setdefault("searched", name)
        found = [
            {"patient_id": key, "name": one["name"]}""",
    ),
    # A refused call that left a change behind.
    Fault(
        "stock goes before the order is checked",
        K.REFUSED_CALL_CHANGED_STATE,
        "shop",
        "place_order",
        """        for sku, quantity in wanted.items():
            if self.products[sku]["stock"] < quantity:
                return self._error(f"only {self.products[sku]['stock']} of {sku} left")
        for sku, quantity in wanted.items():
            self.products[sku]["stock"] -= quantity
""",
        """        for sku, quantity in wanted.items():
            self.products[sku]["stock"] -= quantity
            if self.products[sku]["stock"] < 0:
                return self._error("not enough left")
""",
    ),
    Fault(
        "number is used up by a refusal",
        K.REFUSED_CALL_CHANGED_STATE,
        "clinic",
        "book",
        """        begin = self._parse(start)
        if begin is None:
            return {"success": False, "error": "The time has to be YYYY-MM-DD HH:MM"}""",
        """        begin = self._parse(start)
        self.counter += 1
        if begin is None:
            return {"success": False, "error": "The time has to be YYYY-MM-DD HH:MM"}""",
    ),
    Fault(
        "changes are kept up to the bad one",
        K.REFUSED_CALL_CHANGED_STATE,
        "helpdesk",
        "edit_ticket",
        """            if not isinstance(value, str) or not value.strip():
                return {"success": False, "error": f"{key} has to be text"}
""",
        """            if not isinstance(value, str) or not value.strip():
                return {"success": False, "error": f"{key} has to be text"}
            ticket[key] = value
""",
    ),
    # A success that changed nothing.
    Fault(
        "change goes to a copy",
        K.SUCCESS_WITHOUT_CHANGE,
        "library",
        "return_book",
        """        loan = self.loans.get(loan_id)
        if loan is None:
            return self._fail("No such loan")
        if loan["status"] == "returned":""",
        """        loan = dict(self.loans.get(loan_id) or {})
        if not loan:
            return self._fail("No such loan")
        if loan["status"] == "returned":""",
    ),
    Fault(
        "change is only announced",
        K.SUCCESS_WITHOUT_CHANGE,
        "helpdesk",
        "set_priority",
        '        ticket["priority"] = priority\n',
        "",
    ),
    Fault(
        "large amounts are lost",
        K.SUCCESS_WITHOUT_CHANGE,
        "shop",
        "restock",
        '        self.products[sku]["stock"] += quantity\n',
        '        if quantity < 50:\n            self.products[sku]["stock"] += quantity\n',
    ),
    Fault(
        "some address is not stored",
        K.SUCCESS_WITHOUT_CHANGE,
        "shop",
        "move_customer",
        '        self.customers[customer_id]["address"] = {"street": street, "city": city}\n',
        '        if "Fresh" not in street or customer_id.endswith("2"):\n'
        '            self.customers[customer_id]["address"] = {"street": street, "city": city}\n',
    ),
    # An uncaught exception.
    Fault(
        "unknown id",
        K.UNCAUGHT_EXCEPTION,
        "helpdesk",
        "solve_ticket",
        """        ticket = self._ticket(ticket_id)
        if ticket is None:
            return {"success": False, "error": "unknown ticket"}
        if ticket["agent"] is None:""",
        """        ticket = self._ticket(ticket_id)
        if ticket["agent"] is None:""",
    ),
    Fault(
        "division by the number of members",
        K.UNCAUGHT_EXCEPTION,
        "library",
        "average_fine",
        """        if not self.members:
            return {"success": True, "data": 0.0}
""",
        "",
    ),
    Fault(
        "day that is none",
        K.UNCAUGHT_EXCEPTION,
        "library",
        "list_overdue",
        """        try:
            day = date.fromisoformat(on_date)
        except ValueError:
            return self._fail("The day has to be YYYY-MM-DD")
""",
        "        day = date.fromisoformat(on_date)\n",
    ),
    Fault(
        "nested value of another type",
        K.UNCAUGHT_EXCEPTION,
        "shop",
        "place_order",
        "isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:",
        "quantity < 1:",
    ),
    Fault(
        "optional argument is left out",
        K.UNCAUGHT_EXCEPTION,
        "library",
        "add_book",
        '"tags": list(tags) if tags else [],',
        '"tags": [tag.lower() for tag in tags],',
    ),
    Fault(
        "removed record is still needed",
        K.UNCAUGHT_EXCEPTION,
        "library",
        "list_loans",
        "            dict(loan)\n            for loan in self.loans.values()\n"
        '            if loan["member_id"] == member_id',
        '            dict(loan, title=self.books[loan["book_id"]]["title"])\n'
        "            for loan in self.loans.values()\n"
        '            if loan["member_id"] == member_id',
    ),
    Fault(
        "text is taken for a pattern",
        K.UNCAUGHT_EXCEPTION,
        "library",
        "search_books",
        'if wanted in book["title"].lower() or',
        'if re.search(wanted, book["title"].lower()) or',
    ),
    # Results of another shape.
    Fault(
        "bare list",
        K.BAD_RESULT_SHAPE,
        "helpdesk",
        "list_agents",
        '{"success": True, "data": [dict(one) for one in self.agents]}',
        "[dict(one) for one in self.agents]",
    ),
    Fault(
        "nothing on one path",
        K.BAD_RESULT_SHAPE,
        "clinic",
        "get_appointment",
        """        if found is None:
            return {"success": False, "error": "There is no such appointment"}
        return {"success": True, "data": dict(found""",
        """        if found is None:
            return None
        return {"success": True, "data": dict(found""",
    ),
    Fault(
        "success is a word",
        K.BAD_RESULT_SHAPE,
        "library",
        "renew_loan",
        'return {"success": True, "message": f"Due on {due.isoformat()}"}',
        'return {"success": "ok", "message": f"Due on {due.isoformat()}"}',
    ),
    Fault(
        "refusal says message, not error",
        K.BAD_RESULT_SHAPE,
        "clinic",
        "cancel",
        '{"success": False, "error": "It is not booked"}',
        '{"success": False, "message": "It is not booked"}',
    ),
    # Results that are no JSON.
    Fault(
        "set in the result",
        K.UNSERIALISABLE,
        "clinic",
        "list_holidays",
        "sorted(self.holidays)}",
        "set(self.holidays)}",
    ),
    Fault(
        "datetime in the result",
        K.UNSERIALISABLE,
        "library",
        "borrow_book",
        '"data": {"loan_id": loan_id, "due_date": due.isoformat()}',
        '"data": {"loan_id": loan_id, "due_date": due}',
    ),
    Fault(
        "object in the result",
        K.UNSERIALISABLE,
        "clinic",
        "find_rooms",
        "found = [asdict(room) for",
        "found = [room for",
    ),
    Fault(
        "generator in the result",
        K.UNSERIALISABLE,
        "helpdesk",
        "show_history",
        """events = [one["event"] for one in self.history if one["ticket_id"] == ticket_id]""",
        """events = (one["event"] for one in self.history if one["ticket_id"] == ticket_id)""",
    ),
    # Live references.
    Fault(
        "record itself",
        K.LIVE_REFERENCE,
        "library",
        "get_member",
        '"data": dict(member)',
        '"data": member',
    ),
    Fault(
        "inner list itself",
        K.LIVE_REFERENCE,
        "clinic",
        "get_appointment",
        'dict(found, notes=list(found["notes"]))',
        "dict(found)",
    ),
    # Arguments that the call changes.
    Fault(
        "argument is emptied",
        K.ARGUMENT_MUTATED,
        "shop",
        "place_order",
        "        for line in lines:\n            sku, quantity",
        "        while lines:\n            line = lines.pop()\n            sku, quantity",
    ),
    Fault(
        "argument gets a key",
        K.ARGUMENT_MUTATED,
        "shop",
        "add_customer",
        '        customer_id = f"C-{uuid.uuid4().hex[:12]}"\n',
        '        customer_id = f"C-{uuid.uuid4().hex[:12]}"\n        address["of"] = customer_id\n',
    ),
    Fault(
        "argument is sorted",
        K.ARGUMENT_MUTATED,
        "library",
        "tag_book",
        "        for tag in sorted(set(tags)):",
        "        tags.reverse()\n        for tag in sorted(set(tags)):",
    ),
    # Mutable defaults.
    Fault(
        "default is kept in the state",
        K.SHARED_DEFAULT,
        "library",
        "add_book",
        '"tags": list(tags) if tags else [],\n        }',
        '"tags": tags,\n        }',
    ),
    Fault(
        "default is appended to",
        K.SHARED_DEFAULT,
        "helpdesk",
        "open_ticket",
        "        words = []\n        for label in labels or []:",
        "        words = self._words()\n        words.append(customer)\n"
        "        for label in labels or []:",
    ),
    Fault(
        "default of the constructor",
        K.SHARED_DEFAULT,
        "helpdesk",
        "",
        """    def __init__(self, init_config=None):
        config = init_config or {}
        self.tickets = deepcopy(config.get("tickets", []))""",
        """    def __init__(self, init_config=None, tickets=[]):
        config = init_config or {}
        self.tickets = deepcopy(config["tickets"]) if "tickets" in config else tickets""",
    ),
    # Leaks between instances.
    Fault(
        "log of the class",
        K.INSTANCE_LEAK,
        "shop",
        "restock",
        '        self.products[sku]["stock"] += quantity\n',
        '        self.products[sku]["stock"] += quantity\n        self._log.append(sku)\n',
    ),
    Fault(
        "counter of the class",
        K.INSTANCE_LEAK,
        "clinic",
        "add_patient",
        '        self.patients[patient_id] = {"name"',
        '        Clinic.added = getattr(Clinic, "added", 0) + 1\n'
        '        self.patients[patient_id] = {"name"',
    ),
    Fault(
        "global list",
        K.INSTANCE_LEAK,
        "helpdesk",
        "reopen_ticket",
        '        self._log(ticket_id, "reopened")\n',
        '        self._log(ticket_id, "reopened")\n        REOPENED.append(ticket_id)\n',
    ),
    Fault(
        "records of the class",
        K.INSTANCE_LEAK,
        "clinic",
        "add_holiday",
        '        self.holidays = {"2025-12-25", "2025-12-26"}\n        self.counter = 0',
        "        self.holidays = HOLIDAYS\n        self.counter = 0",
    ),
    # Slow calls.
    Fault(
        "careless pattern",
        K.SLOW_CALL,
        "library",
        "register_member",
        r'r"[^@\s]+@[^@\s]+"',
        r'r"([a-z0-9]+\.?)+@([a-z0-9]+\.?)+"',
    ),
    Fault(
        "one turn for each piece",
        K.SLOW_CALL,
        "shop",
        "restock",
        '        self.products[sku]["stock"] += quantity\n',
        '        for _ in range(quantity):\n            self.products[sku]["stock"] += 1\n',
    ),
    Fault(
        "every letter with every letter",
        K.SLOW_CALL,
        "clinic",
        "search_patients",
        "        found = [\n            {",
        "        pairs = sum(1 for a in name for b in name if a == b)\n"
        "        if pairs < 0:\n            name = ''\n        found = [\n            {",
    ),
    Fault(
        "every record with every pair of records",
        K.SLOW_CALL,
        "shop",
        "stock_value",
        '        value = sum(one["price"] * one["stock"] for one in self.products.values())\n',
        '        value = sum(one["price"] * one["stock"] for one in self.products.values())\n'
        "        for a in self.products:\n            for b in self.products:\n"
        "                for c in self.products:\n                    value += (a == b == c) * 0\n",
    ),
    # Hidden state.
    Fault(
        "address of the object",
        K.HIDDEN_STATE,
        "shop",
        "get_product",
        "        return self._done(**deepcopy(self.products[sku]))",
        "        return self._done(handle=id(self), **deepcopy(self.products[sku]))",
    ),
    Fault(
        "memory of the module",
        K.HIDDEN_STATE,
        "library",
        "count_available",
        '        return {"success": True, "data": self._available(book_id)}',
        "        if book_id not in MEMORY:\n"
        "            MEMORY[book_id] = self._available(book_id)\n"
        '        return {"success": True, "data": MEMORY[book_id]}',
    ),
    Fault(
        "cached method",
        K.HIDDEN_STATE,
        "helpdesk",
        "count_by_state",
        "    def count_by_state(self)",
        "    @lru_cache(maxsize=None)\n    def count_by_state(self)",
    ),
    Fault(
        "generator of the module",
        K.HIDDEN_STATE,
        "shop",
        "add_customer",
        'f"C-{uuid.uuid4().hex[:12]}"',
        'f"C-{next(NUMBERS)}"',
    ),
    # Keys that JSON changes.
    Fault(
        "integer keys",
        K.KEY_CONFUSION,
        "clinic",
        "",
        "self.appointments.get(str(number))",
        "self.appointments.get(number)",
    ),
    Fault(
        "new keys are integers",
        K.KEY_CONFUSION,
        "clinic",
        "book",
        "self.appointments[str(self.counter)] = {",
        "self.appointments[self.counter] = {",
    ),
    # Tools that never succeed.
    Fault(
        "conditions that exclude each other",
        K.UNREACHABLE_SUCCESS,
        "helpdesk",
        "reopen_ticket",
        'if ticket["state"] != "solved":\n'
        '            return {"success": False, "error": "it is not',
        'if ticket["state"] != "solved" or ticket["state"] != "closed":\n'
        '            return {"success": False, "error": "it is not',
    ),
    Fault(
        "word that nothing says",
        K.UNREACHABLE_SUCCESS,
        "shop",
        "ship_order",
        'if order["status"] != "placed":\n            return self._error("it cannot be shipped")',
        'if order["status"] != "PLACED":\n            return self._error("it cannot be shipped")',
    ),
    Fault(
        "check the wrong way round",
        K.UNREACHABLE_SUCCESS,
        "library",
        "renew_loan",
        'if loan["renewals"] >= self.MAX_RENEWALS:',
        'if loan["renewals"] <= self.MAX_RENEWALS:',
    ),
    # Queries that answer wrongly.
    Fault(
        "limit leaves out what has exactly as much",
        K.WRONG_ANSWER,
        "shop",
        "find_products",
        'product["price"] > max_price',
        'product["price"] >= max_price',
    ),
    # What the schema allows and the tool never takes.
    Fault(
        "a price is a number, and only whole ones are taken",
        K.SCHEMA_MISMATCH,
        "shop",
        "add_product",
        """        if price <= 0 or stock < 0:""",
        """        if price <= 0 or price != int(price) or stock < 0:""",
    ),
    # Parameters without effect.
    Fault(
        "limit is only checked",
        K.IGNORED_PARAMETER,
        "library",
        "search_books",
        '"data": found[:limit]',
        '"data": found',
    ),
    Fault(
        "filter is forgotten",
        K.IGNORED_PARAMETER,
        "helpdesk",
        "list_tickets",
        """            if agent and ticket["agent"] != agent:
                continue
""",
        "",
    ),
    Fault(
        "value is replaced",
        K.IGNORED_PARAMETER,
        "shop",
        "cancel_order",
        'order["reason"] = reason',
        'order["reason"] = "cancelled by the customer"',
    ),
    Fault(
        "value is prepared and forgotten",
        K.IGNORED_PARAMETER,
        "clinic",
        "add_patient",
        '{"name": name, "phone": phone, "visits": 0}',
        '{"name": name, "phone": None, "visits": 0}\n        number = (phone or "").strip()',
    ),
    # Ids that are given twice.
    Fault(
        "number of records plus one",
        K.DUPLICATE_ID,
        "library",
        "add_book",
        'book_id = f"B{self.next_book}"',
        'book_id = f"B{len(self.books) + 1}"',
    ),
    Fault(
        "given id is accepted again",
        K.DUPLICATE_ID,
        "shop",
        "add_product",
        '        if sku in self.products:\n            return self._error("the sku is in use")\n',
        "",
    ),
    Fault(
        "length of a list plus one",
        K.DUPLICATE_ID,
        "helpdesk",
        "open_ticket",
        "        self.last_ticket += 1\n",
        "        self.last_ticket = len(self.tickets) + 1\n",
    ),
    Fault(
        "id from the second",
        K.DUPLICATE_ID,
        "shop",
        "place_order",
        "order_id = str(uuid.uuid4())",
        'order_id = f"O-{int(datetime.now().timestamp())}"',
    ),
    Fault(
        "id from a small range",
        K.DUPLICATE_ID,
        "shop",
        "add_customer",
        'f"C-{uuid.uuid4().hex[:12]}"',
        'f"C-{uuid.uuid4().int % 60}"',
    ),
)

HEADS = {
    "global list": ("class HelpDesk:", "REOPENED = []\n\n\nclass HelpDesk:"),
    "records of the class": ("class Clinic:", 'HOLIDAYS = {"2025-12-25"}\n\n\nclass Clinic:'),
    "memory of the module": ("class Library:", "MEMORY = {}\n\n\nclass Library:"),
    "cached method": ("from copy import", "from functools import lru_cache\nfrom copy import"),
    "generator of the module": (
        "class Shop:",
        "from itertools import count\n\nNUMBERS = count(100)\n\n\nclass Shop:",
    ),
    "log of the class": ("class Shop:", "class Shop:\n    _log = []\n"),
    "default is appended to": (
        "    def get_ticket(",
        "    def _words(self, words=[]):\n        return words\n\n    def get_ticket(",
    ),
    "default is kept in the state": (
        "tags: Optional[List[str]] = None\n",
        "tags: List[str] = []\n",
    ),
}
"""What else a fault needs elsewhere in the source."""


def planted_source(fault: Fault) -> str:
    """Return the source of an environment with a fault in it."""
    old, new = HEADS.get(fault.name, ("", ""))
    return fault.source.replace(old, new, 1) if old else fault.source
