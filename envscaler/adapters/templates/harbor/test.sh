#!/bin/sh
# No reward file is written where the environment broke: that is an error, not a 0.
exec {run} score /tests/scenario.json {calls} /logs/verifier/reward.txt
