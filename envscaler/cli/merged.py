"""What a merge prints besides: what one process would have printed at the end."""

from pathlib import Path

from envscaler.certify.outcomes import Certificate
from envscaler.check_env.stage import Examined
from envscaler.cli.checking import say_examined
from envscaler.cli.proofs import say_certificate
from envscaler.cli.say import say
from envscaler.display.proofs import floor_table, verified_table
from envscaler.display.tables import replay_table
from envscaler.interact.replay import Replay
from envscaler.pipeline.measure import Found
from envscaler.scen_generator.proof.floor import Floor
from envscaler.scen_generator.proof.verify import Verified


def say_merged(command: str, run: Path) -> bool:
    """Print what a command has found; says whether all of it is as it should be."""
    match command:
        case "verify":
            verified = Found(run / "verified.jsonl", Verified)
            say(f"\n{verified_table(verified)}")
            return all(row.is_sound for row in verified)
        case "check-env":
            examined = Found(run / "examined.jsonl", Examined)
            say_examined(examined, as_json=False)
            return all(row.is_sound for row in examined)
        case "certify":
            text = (run / "certificate.json").read_text(encoding="utf-8")
            certificate = Certificate.model_validate_json(text)
            say_certificate(run, certificate)
            return certificate.is_clean
        case "verify --floor":
            say(f"\n{floor_table(Found(run / 'floor.jsonl', Floor))}")
        case "rollout --from":
            say(replay_table(Found(run / "replays.jsonl", Replay)))
        case _:
            pass
    return True
