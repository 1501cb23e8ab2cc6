// tenon template: the prompt that a model's chat template makes of a conversation;
// needs no backend.
#include <iostream>

#include "framework/include/tenon/model_text.hpp"
#include "host/cli/command.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/input.hpp"
#include "host/cli/sampling_options.hpp"

namespace tenon::cli {
namespace {

struct TemplateOptions {
  OutputOptions output;
  std::string model, messages, tools;
  std::vector<std::string> arguments;
  bool no_generation_prompt = false;
};

FlagGroup template_flags(TemplateOptions& o) {
  return {"Template",
          {
              {"messages", &o.messages, "FILE",
               "the conversation, [{\"role\", \"content\"}, ...] as JSON, - for stdin"},
              {"tools", &o.tools, "FILE", "the tools, [{...}, ...] as JSON"},
              {"template-arg", &o.arguments, "NAME=JSON",
               "a variable of the template, as enable_thinking=false (repeatable)"},
              {"no-generation-prompt", &o.no_generation_prompt, "",
               "do not start the answer of the assistant"},
          }};
}

Syntax syntax(TemplateOptions& o) {
  return {.usage = "tenon template MODEL --messages FILE.json [--tools FILE.json] [flags]",
          .examples =
              "  tenon template model.gguf --messages chat.json --tools tools.json\n"
              "  echo '[{\"role\": \"user\", \"content\": \"Hi\"}]' | "
              "tenon template model.gguf --messages -\n",
          .arguments = {model_argument(o.model)},
          .required = 1,
          .groups = {template_flags(o), output_flags(o.output)}};
}

Status read_into(TemplateInputs& inputs, const TemplateOptions& o) {
  const auto messages = read_text(o.messages);
  if (!messages) return fail(messages);
  if (Status read = inputs.messages(*messages, o.messages); !read) return read;
  for (const std::string& argument : o.arguments) {
    const auto split = split_argument(argument);
    if (!split) return fail(split);
    if (Status set = inputs.argument(split->first, split->second); !set) return set;
  }
  if (o.tools.empty()) return {};
  const auto tools = read_text(o.tools);
  if (!tools) return fail(tools);
  return inputs.tools(*tools, o.tools);
}

Status run(TemplateOptions& o) {
  if (o.messages.empty()) return fail(ErrorCode::usage, "no --messages FILE given");
  if (o.messages == "-" && o.tools == "-")
    return fail(ErrorCode::usage, "only one of --messages and --tools can be read from stdin");
  TemplateInputs inputs;
  inputs.generation_prompt(!o.no_generation_prompt);
  if (Status read = read_into(inputs, o); !read) return read;
  const auto model = ModelText::open(o.model);
  if (!model) return fail(model);
  const auto text = model->render(inputs);
  if (!text) return fail(text);
  if (o.output.json)
    print_json({{"prompt", *text}});
  else
    std::cout << *text;
  return {};
}

}  // namespace

extern const Command k_template =
    command<TemplateOptions, syntax, run>("template", "The prompt that the chat template makes");

}  // namespace tenon::cli
