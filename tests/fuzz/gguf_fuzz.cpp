// Fuzzes the GGUF reader: any bytes are parsed, and whatever is accepted is read in full.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/unit/formats/gguf_walk.hpp"

// The entry point of libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = tenon::GgufFile::parse(std::as_bytes(std::span(data, size)), "fuzz");
  // An accepted file has a header, so its sum is never 0; asking keeps the reads alive.
  if (file && tenon::testing::walk(*file) == 0) std::abort();
  return 0;
}
