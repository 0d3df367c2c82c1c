"""A language model behind an OpenAI-compatible API: Poe, or any other server by its address.

model        PoeModel: who answers, what happens when one does not          the port
lineup       the models in their order, who is offered, who rests
reactions    a trouble -> what to do about it                               pure
steps        what a step's request tells of its turn                         pure
messages     ChatRequest -> messages the API takes                          pure
accumulator  chunks as they come -> text and calls                          pure
sse          bytes -> the data of server-sent events                        pure
wire         the openai SDK: one request, its chunks as dicts; troubles: what they mean; patience: limits
endpoint     the address as people write it -> the base of the API

Nothing is imported here: `openai` costs a quarter of a second, and only a house with a key needs it.
"""
