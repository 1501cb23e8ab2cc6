// TemplateInputs inside: JSON that has been read and checked.
#pragma once

#include "framework/include/tenon/model_text.hpp"
#include "framework/text/chat_template.hpp"

namespace tenon {

struct TemplateInputs::Impl {
  ChatInputs inputs;
};

// Adds a variable for a template to `arguments`. Errors: ErrorCode::usage for what is not JSON and
// for names that the conversation has.
Status set_template_argument(nlohmann::ordered_json& arguments, const std::string& name,
                             std::string_view json);

}  // namespace tenon
