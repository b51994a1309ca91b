"""The rows of every JSONL artifact, in pipeline order.

    tasks → candidates → topics → skeletons → assessments → envs
          → scenarios → rollouts → trajectories

A row is frozen and refuses unknown fields, so a file never means two things. Its id is a hash of
what it was made from: the same input gives the same id on every machine and in every run. The id of
a scenario is a hash of its content: what is the same in two runs has one id, what differs has two.
"""

from pydantic import JsonValue

from envscaler.records.assessments import (
    Assessment,
    AssessmentSummary,
    CallStats,
    Case,
    Clock,
    Counts,
    Discarded,
    Environment,
    Examination,
    Finding,
    FindingCall,
    FindingKind,
    Invariant,
    Observation,
    ObservationKind,
    QualityReport,
    Repair,
)
from envscaler.records.base import (
    SCHEMA_VERSION,
    Dropped,
    JsonObject,
    Provenance,
    Record,
    Row,
    Usage,
    row_id,
    trusted,
)
from envscaler.records.calls import Call, ToolCall
from envscaler.records.scenarios import (
    Check,
    CheckProof,
    CheckRole,
    Mutant,
    MutantKind,
    Proof,
    ReferenceCall,
    RewardDefinition,
    Scenario,
    Shape,
    named_by_content,
)
from envscaler.records.skeletons import (
    Attribute,
    AttributeUse,
    Entity,
    Operation,
    Skeleton,
    Structure,
    Tool,
)
from envscaler.records.topics import Candidate, Inference, Judgement, Task, Topic
from envscaler.records.trajectories import (
    Calibration,
    Message,
    Reward,
    Step,
    StopReason,
    Trajectory,
    Verdict,
    VerdictKind,
)

__all__ = [
    "SCHEMA_VERSION",
    "Assessment",
    "AssessmentSummary",
    "Attribute",
    "AttributeUse",
    "Calibration",
    "Call",
    "CallStats",
    "Candidate",
    "Case",
    "Check",
    "CheckProof",
    "CheckRole",
    "Clock",
    "Counts",
    "Discarded",
    "Dropped",
    "Entity",
    "Environment",
    "Examination",
    "Finding",
    "FindingCall",
    "FindingKind",
    "Inference",
    "Invariant",
    "JsonObject",
    "JsonValue",
    "Judgement",
    "Message",
    "Mutant",
    "MutantKind",
    "Observation",
    "ObservationKind",
    "Operation",
    "Proof",
    "Provenance",
    "QualityReport",
    "Record",
    "ReferenceCall",
    "Repair",
    "Reward",
    "RewardDefinition",
    "Row",
    "Scenario",
    "Shape",
    "Skeleton",
    "Step",
    "StopReason",
    "Structure",
    "Task",
    "Tool",
    "ToolCall",
    "Topic",
    "Trajectory",
    "Usage",
    "Verdict",
    "VerdictKind",
    "named_by_content",
    "row_id",
    "trusted",
]
