// Fuzzes the GGUF reader: any bytes are parsed, and whatever is accepted is read in full.
#include <cstddef>
#include <cstdint>

#include "tests/unit/formats/gguf_walk.hpp"

// The entry point of libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = tenon::GgufFile::parse(std::as_bytes(std::span(data, size)), "fuzz");
  static volatile std::uint64_t sink;
  if (file) sink = tenon::testing::walk(*file);
  return 0;
}
