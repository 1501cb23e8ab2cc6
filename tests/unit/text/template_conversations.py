"""Conversations that real chat templates are rendered with: what clients send, and what they should not send."""

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather <now> in a city & its \"mood\".",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "City, e.g. Zürich"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
                "days": {"type": ["integer", "null"], "minimum": 0, "maximum": 1.5},
                "places": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "number"}}}},
            },
            "required": ["city"],
        },
        "strict": True,
    },
}
CLOCK = {
    "type": "function",
    "function": {
        "name": "now",
        "description": "",
        "parameters": {"type": "object", "properties": {}},
        "return": {"type": "string", "description": "the time"},
    },
}
TOOLS = [WEATHER, CLOCK]


def user(text):
    return {"role": "user", "content": text}


def assistant(text, **more):
    return {"role": "assistant", "content": text, **more}


def system(text):
    return {"role": "system", "content": text}


def call(name, arguments, number):
    return {"id": f"call{number:05d}", "type": "function", "function": {"name": name, "arguments": arguments}}


def result(text, number, **more):
    return {"role": "tool", "tool_call_id": f"call{number:05d}", "content": text, **more}


ONE = [user("Hi there!")]
TURNS = [system("  Be brief. 'quoted' <b>\n"), user("What is 2+2?"), assistant("4. \n"), user("And\n\nUnicode: 你好 😀 é?\t")]
ENDED = [*TURNS, assistant("Of course.")]
THOUGHT = [user("Think"), assistant("<think>\nhm\n</think>\n\nDone."), user("More"),
           assistant("It is.", reasoning_content="First this,\nthen that."), user("Last")]
CALLED = [system("Use tools."), user("Weather in Paris?"),
          assistant("", tool_calls=[call("get_weather", {"city": "Paris", "days": 2, "deep": {"a": [1, 2.5, None, True]}}, 1)]),
          result('{"temperature": 21.5}', 1, name="get_weather")]
ANSWERED = [*CALLED, assistant("It is 21.5 degrees."), user("Thanks")]
TEXT_ARGUMENTS = [user("Weather in Rome?"), assistant(None, tool_calls=[call("get_weather", '{"city": "Rome"}', 1)]), result("sunny", 1)]
PARALLEL = [user("Both?"), assistant("Let me see.", tool_calls=[call("get_weather", {"city": "Rom"}, 1), call("now", {}, 2)]),
            result("sunny & warm", 1), result("12:30", 2), assistant("Done."), user("Again")]
BLOCKS = [{"role": "system", "content": [{"type": "text", "text": "Sys"}]},
          {"role": "user", "content": [{"type": "text", "text": "Look at "}, {"type": "text", "text": "this"}]}]
IMAGE = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is it?"}]}]
REASONED_CALL = [user("Now?"), assistant("", thinking="I need the clock.", tool_calls=[call("now", {}, 1)]), result("12:31", 1)]

CASES = {
    "one": {"messages": ONE},
    "one, no prompt": {"messages": ONE, "add_generation_prompt": False},
    "turns": {"messages": TURNS},
    "ended": {"messages": ENDED, "add_generation_prompt": False},
    "thought": {"messages": THOUGHT},
    "thinking on": {"messages": TURNS, "enable_thinking": True, "thinking": True},
    "thinking off": {"messages": THOUGHT, "enable_thinking": False, "thinking": False},
    "tools": {"messages": ONE, "tools": TOOLS},
    "tools, system": {"messages": TURNS, "tools": TOOLS},
    "tool result": {"messages": CALLED, "tools": TOOLS},
    "tool answered": {"messages": ANSWERED, "tools": TOOLS, "add_generation_prompt": False},
    "text arguments": {"messages": TEXT_ARGUMENTS, "tools": [WEATHER]},
    "parallel calls": {"messages": PARALLEL, "tools": TOOLS},
    "reasoned call": {"messages": REASONED_CALL, "tools": [CLOCK]},
    "calls without tools": {"messages": CALLED},
    "blocks": {"messages": BLOCKS},
    "image": {"messages": IMAGE},
    "documents": {"messages": ONE, "documents": [{"title": "A", "text": "Alpha"}, {"doc_id": 7, "title": "B", "text": "<Beta>"}]},
    "date": {"messages": ONE, "date_string": "01 Feb 2025"},
    "two users": {"messages": [*ONE, *ONE]},
    "system last": {"messages": [*ONE, system("Late")]},
    "unknown role": {"messages": [{"role": "alien", "content": "x"}]},
    "no content": {"messages": [{"role": "user"}]},
    "empty": {"messages": []},
}
