"""How long a test waits on a machine that has other things to do as well. Nothing is timed by these."""

IN_THE_END_S = 60.0
"""For what must come: a test that passes never waits so long."""
FILM_S = 300.0
"""For a film that is really drawn: some seconds of a whole processor, which others want as well."""
AT_ONCE_S = 5.0
"""For what must not wait for anything: far below every limit that would end such a wait by itself."""
