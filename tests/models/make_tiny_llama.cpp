// make_tiny_llama OUT.gguf [arch=NAME] [without=KEY_OR_TENSOR] [nan=TENSOR] [KEY=NUMBER]…
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string_view>

#include "tests/models/tiny_llama.hpp"

namespace {

bool apply(tenon::testing::TinyLlama& model, std::string_view option) {
  const std::size_t equals = option.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string key(option.substr(0, equals)), value(option.substr(equals + 1));
  if (key == "arch") return model.architecture = value, true;
  if (key == "without") return model.without.insert(value), true;
  if (key == "nan") return model.not_finite.insert(value), true;
  if (model.reals.contains(key))
    return model.reals[key] = std::strtof(value.c_str(), nullptr), true;
  const char* end = value.data() + value.size();
  return std::from_chars(value.data(), end, model.integers[key]).ptr == end;
}

}  // namespace

int main(int argc, char** argv) {
  tenon::testing::TinyLlama model;
  bool understood = argc > 1;
  for (int i = 2; i < argc; ++i) understood = understood && apply(model, argv[i]);
  if (!understood) {
    std::cerr << "usage: make_tiny_llama OUT.gguf [arch=NAME] [without=KEY_OR_TENSOR] [nan=TENSOR] "
                 "[KEY=NUMBER]\n";
    return 2;
  }
  const auto bytes = model.build();
  std::ofstream file(argv[1], std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return file.flush() ? 0 : 1;
}
