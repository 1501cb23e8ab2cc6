// Unicode normalisation form C, in O(n log n) whatever the text.
#pragma once

#include <string>
#include <string_view>

namespace tenon {

// `text` must be valid UTF-8.
std::string to_nfc(std::string_view text);

}  // namespace tenon
