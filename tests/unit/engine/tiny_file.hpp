// TinyFile: a tiny model on disk for the length of a test.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/models/loaded_model.hpp"
#include "tests/models/tiny_llama.hpp"

namespace tenon::testing {

class TinyFile {
 public:
  explicit TinyFile(const TinyLlama& model = {}) {
    std::string name = (std::filesystem::temp_directory_path() / "tenon-tiny-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
    const Bytes bytes = model.build();
    std::ofstream file(path(), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  ~TinyFile() { std::filesystem::remove_all(folder_); }
  TinyFile(const TinyFile&) = delete;
  TinyFile& operator=(const TinyFile&) = delete;

  std::filesystem::path path() const { return folder_ / "tiny.gguf"; }

 private:
  std::filesystem::path folder_;
};

// Tokens all over the vocabulary.
inline std::vector<TokenId> some_tokens(std::size_t n, TokenId first = 3) {
  std::vector<TokenId> tokens;
  for (std::size_t i = 0; i < n; ++i)
    tokens.push_back((first + 37 * static_cast<TokenId>(i)) % static_cast<TokenId>(tiny::k_vocab));
  return tokens;
}

}  // namespace tenon::testing
