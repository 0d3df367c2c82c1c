"""Public JSON: the only room that knows camelCase. Each name here is for ever (contract, section 3 and 5).

`bodies` and `commands` come in, `entries`, `answers` and `live` go out; `typescript` writes all of them down
as `web/src/protocol.ts`, so that the widget and the server cannot disagree.
"""
