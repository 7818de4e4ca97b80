"""The lab: a GAN that can be touched while it learns.

    protocol   every message between a page and the lab, in words and in checks
    session    a run, commands in, observations out: plain data, no web
    server     one local page and one WebSocket around a session
    widget     the same page in a notebook, around a session in the kernel
    page/      what the browser shows

A session drives the library's own Training and adds nothing to Algorithm 1; it observes with
generators of its own, so a run that is watched has the bits of one that is not.
"""
