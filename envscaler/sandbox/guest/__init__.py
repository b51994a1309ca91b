"""Everything that runs inside the clean process around generated code: standard library only.

The host starts `zygote.main` as a top-level package named `guest`, without `envscaler` and without
site-packages. Only `wire` is also read by the host.
"""
