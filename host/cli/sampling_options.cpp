// Sampling flags and the transfer of what they set to a request.
#include "host/cli/sampling_options.hpp"

#include <charconv>

namespace tenon::cli {
namespace {

template <class T>
bool parse_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

FlagGroup sampling_flags(SamplingOptions& o) {
  return {"Sampling",
          {
              {"temp", &o.temperature, "T", "0.8; 0 is greedy"},
              {"top-k", &o.top_k, "K", "40; 0 is off"},
              {"top-p", &o.top_p, "P", "0.95; 1 is off"},
              {"min-p", &o.min_p, "P", "0.05; 0 is off"},
              {"typical", &o.typical, "P", "1 is off"},
              {"repeat-penalty", &o.repeat_penalty, "X", "1 is off"},
              {"repeat-last-n", &o.repeat_last_n, "N", "64"},
              {"presence-penalty", &o.presence_penalty, "X", "0 is off"},
              {"frequency-penalty", &o.frequency_penalty, "X", "0 is off"},
              {"logit-bias", &o.logit_bias, "ID=B", "add B to the logit of a token (repeatable)"},
              {"template-arg", &o.template_args, "NAME=JSON",
               "a variable of the chat template, as enable_thinking=false (repeatable)"},
              {"seed", &o.seed, "N", "default: random, reported"},
          }};
}

Result<std::pair<std::string, std::string>> split_argument(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos || equals == 0)
    return fail(ErrorCode::usage, "--template-arg \"" + argument +
                                      "\": write NAME=JSON, as in enable_thinking=false");
  return std::pair(argument.substr(0, equals), argument.substr(equals + 1));
}

Status apply(const SamplingOptions& o, Request& request) {
  request.temperature(o.temperature)
      .top_k(o.top_k)
      .top_p(o.top_p)
      .min_p(o.min_p)
      .typical(o.typical);
  request.repeat_penalty(o.repeat_penalty, o.repeat_last_n);
  request.presence_penalty(o.presence_penalty).frequency_penalty(o.frequency_penalty);
  if (o.seed) request.seed(*o.seed);
  for (const std::string& rule : o.logit_bias) {
    const std::size_t equals = rule.find('=');
    Token id = 0;
    float bias = 0;
    if (equals == std::string::npos ||
        !parse_number(std::string_view(rule).substr(0, equals), id) ||
        !parse_number(std::string_view(rule).substr(equals + 1), bias))
      return fail(ErrorCode::usage, "--logit-bias \"" + rule + "\": write ID=B, as in 42=-1.5");
    request.logit_bias(id, bias);
  }
  for (const std::string& argument : o.template_args) {
    const auto split = split_argument(argument);
    if (!split) return fail(split);
    request.template_argument(split->first, split->second);
  }
  return {};
}

}  // namespace tenon::cli
