"""`reelroom mcp`: the four tools for somebody else's agent, over stdio.

A door like HTTP and the socket, in a process that the agent's own program starts and ends. It works
on the data folder itself: beside a running server it only asks, and the server makes the films; where
none is running it makes them for as long as it lives (`server.drivers.shift`), and what is begun
when it is closed is finished by a process of its own.

opening   the process: what is open, stdin and stdout, its end
door      what can be asked: tools, jobs as resources
caller    on whose behalf
consent   a person is asked whether a film may cost what it costs
telling   results, refusals and jobs, in words and in JSON
offering  the tools as they are told of
"""

from server.mcp.caller import Means
from server.mcp.opening import finish, serve

__all__ = ["Means", "finish", "serve"]
