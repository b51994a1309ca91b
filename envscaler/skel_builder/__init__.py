"""envscaler build-skel: tasks become topics, and topics become tested environment classes."""
