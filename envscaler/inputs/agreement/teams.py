"""Who looks after somebody is of the team that does."""

from collections.abc import Iterator

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of
from envscaler.inputs.agreement.belonging import TEAMS, doers_of, roles_of
from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.word_lists import CLIENTS
from envscaler.records import JsonObject

_Team = tuple[JsonObject, str]
"""A record with a list of people, and the name of that list."""


def settle_teams(records: Records) -> None:
    """Let a plan for a patient be made by one of those who look after the patient."""
    for table in records.tables:
        client = _client_of(records, table)
        for name, home in records.lists(table).items() if client else ():
            if home.is_of_people and TEAMS & {*name.split("_")}:
                teams = {record[client]: (record, name) for record in table.records}
                _act_in_teams(records, table, home, teams)


def _client_of(records: Records, table: Table) -> str:
    """Return the field that says for whom records are; empty where there is none."""
    found = (name for name, home in records.references(table).items() if home.words[0] in CLIENTS)
    return next(found, "")


def _act_in_teams(
    records: Records, table: Table, staff: Table, teams: dict[JsonValue, _Team]
) -> None:
    """Let others who are named in records for somebody be of the team of that one.

    Args:
        records: All.
        table: Of the teams.
        staff: Where those in the teams are.
        teams: Key of whom a team looks after → the team.
    """
    for other in records.tables:
        client = _client_of(records, other) if other is not table else ""
        for name in _doers_in(records, other, staff) if client else ():
            for record in other.records:
                team = teams.get(record[client])
                if team is not None and record[name]:
                    record[name] = _one_of(records, team, record[name], doers_of(other))


def _doers_in(records: Records, table: Table, staff: Table) -> Iterator[str]:
    return (name for name, home in records.references(table).items() if home is staff)


def _one_of(records: Records, team: _Team, named: JsonValue, roles: frozenset[str]) -> JsonValue:
    """Return one of a team who may do something; whoever does it joins where nobody may."""
    record, name = team
    known = items_of(record[name]) or []
    able = [one for one in known if not roles or roles & roles_of(records.record(one))]
    if named in known or not able:
        record[name] = [*dict.fromkeys([*known, named])]
        return named
    return records.chance.choice(able)
