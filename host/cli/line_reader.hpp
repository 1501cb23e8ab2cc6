// LineReader: lines that a person types (edited, with history) or a script sends.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "host/cli/interrupt.hpp"

namespace tenon::cli {

struct Line {
  enum class Kind { text, interrupted, end, failed } kind;
  std::string text = {};  // without its newline; of a failure: why
};

class LineReader {
 public:
  virtual ~LineReader() = default;
  // Waits for a line or for Ctrl-C. The prompt goes to stderr, and only when a person types.
  virtual Line read(const char* prompt) = 0;
  virtual bool interactive() const = 0;
};

// libedit, with a history file, when stdin and stderr are terminals; plain lines otherwise.
std::unique_ptr<LineReader> make_line_reader(const Interrupt& interrupt,
                                             const std::filesystem::path& history);
std::unique_ptr<LineReader> make_edited_reader(const Interrupt& interrupt,
                                               const std::filesystem::path& history);

// $XDG_STATE_HOME/tenon or ~/.local/state/tenon; empty when there is no home.
std::filesystem::path state_folder();

// Whether stdin has something to read; false when it was interrupted first.
bool wait_for_input(const Interrupt& interrupt);

}  // namespace tenon::cli
