RUN printf '%s\n' '#!/bin/sh' 'exec {run} call /opt/envscaler/scenario.json {calls} "$@"' \
    > /usr/local/bin/tool && chmod 755 /usr/local/bin/tool && mkdir -p /var/lib/envscaler
WORKDIR /work
