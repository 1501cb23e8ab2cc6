// Conversations and tools as JSON texts: read with limits, checked item by item.
#include "framework/api/template_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/quoted.hpp"

namespace tenon {
namespace {

using Json = nlohmann::ordered_json;

constexpr int k_max_depth = 64;  // templates print JSON, and printing recurses

Result<Json> parse_json(std::string_view text, const std::string& name) {
  bool too_deep = false;
  const auto shallow = [&](int depth, Json::parse_event_t, const Json&) {
    too_deep = too_deep || depth > k_max_depth;
    return !too_deep;
  };
  try {
    Json json = Json::parse(text, shallow);
    if (!too_deep) return json;
    return fail(ErrorCode::usage,
                fmt::format("{}: nested deeper than {} levels", name, k_max_depth));
  } catch (const Json::parse_error& e) {
    return fail(ErrorCode::usage, fmt::format("{}: byte {}: not JSON", name, e.byte));
  } catch (const Json::out_of_range&) {
    return fail(ErrorCode::usage, name + ": has a number that is too large");
  }
}

// A list of objects, each with the text `key` where one is asked for.
Result<Json> read_list(std::string_view text, const std::string& name, const char* key) {
  auto list = parse_json(text, name);
  if (!list) return list;
  if (!list->is_array()) return fail(ErrorCode::usage, name + ": not a list [{...}, ...]");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& item = (*list)[i];
    const auto where = fmt::format("{}: item {}", name, i);
    if (!item.is_object()) return fail(ErrorCode::usage, where + " is not an object {...}");
    if (key != nullptr && (!item.contains(key) || !item[key].is_string()))
      return fail(ErrorCode::usage, fmt::format("{} has no text \"{}\"", where, key));
  }
  return list;
}

constexpr std::string_view k_given[] = {"messages",  "tools",     "documents",
                                        "bos_token", "eos_token", "add_generation_prompt"};

}  // namespace

Status set_template_argument(Json& arguments, const std::string& name, std::string_view json) {
  const std::string where = "template argument " + quoted(name, 40);
  if (name.empty() || std::find(std::begin(k_given), std::end(k_given), name) != std::end(k_given))
    return fail(ErrorCode::usage, where + ": the name is taken");
  auto value = parse_json(json, where);
  if (!value)
    return fail(ErrorCode::usage, value.error().message() + " (a text needs quotes: \"text\")");
  arguments[name] = std::move(*value);
  return {};
}

Status TemplateInputs::argument(const std::string& name, std::string_view json) {
  return set_template_argument(impl_->inputs.extra, name, json);
}

TemplateInputs::TemplateInputs() : impl_(std::make_unique<Impl>()) {}
TemplateInputs::TemplateInputs(TemplateInputs&&) noexcept = default;
TemplateInputs& TemplateInputs::operator=(TemplateInputs&&) noexcept = default;
TemplateInputs::~TemplateInputs() = default;

Status TemplateInputs::messages(std::string_view json, const std::string& name) {
  auto list = read_list(json, name, "role");
  if (!list) return fail(list);
  impl_->inputs.messages = std::move(*list);
  return {};
}

Status TemplateInputs::tools(std::string_view json, const std::string& name) {
  auto list = read_list(json, name, nullptr);
  if (!list) return fail(list);
  impl_->inputs.tools = std::move(*list);
  return {};
}

TemplateInputs& TemplateInputs::generation_prompt(bool on) {
  impl_->inputs.add_generation_prompt = on;
  return *this;
}

}  // namespace tenon
