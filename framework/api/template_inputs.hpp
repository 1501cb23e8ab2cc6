// TemplateInputs inside: JSON that has been read and checked.
#pragma once

#include "framework/include/tenon/model_text.hpp"
#include "framework/text/chat_template.hpp"

namespace tenon {

struct TemplateInputs::Impl {
  ChatInputs inputs;
};

}  // namespace tenon
