// Lines edited with libedit: UTF-8, history in a file, Ctrl-C gives the line up.
#include <histedit.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <system_error>

#include "framework/include/tenon/atomic_file.hpp"
#include "host/cli/line_reader.hpp"

namespace tenon::cli {
namespace {

constexpr int k_history_lines = 1000;

class EditedLines : public LineReader {
 public:
  EditedLines(const Interrupt& interrupt, std::filesystem::path history)
      : interrupt_(interrupt), file_(std::move(history)) {
    use_utf8();
    edit_ = el_init("tenon", stdin, stderr, stderr);
    history_ = history_init();
    if (edit_ == nullptr || history_ == nullptr) return;
    HistEvent event;
    ::history(history_, &event, H_SETSIZE, k_history_lines);
    ::history(history_, &event, H_SETUNIQUE, 1);
    if (!file_.empty()) ::history(history_, &event, H_LOAD, file_.c_str());
    el_set(edit_, EL_CLIENTDATA, this);
    el_set(edit_, EL_PROMPT, &EditedLines::prompt);
    el_set(edit_, EL_GETCFN, &EditedLines::get_char);
    el_set(edit_, EL_SIGNAL, 0);
    el_set(edit_, EL_EDITOR, "emacs");
    el_set(edit_, EL_HIST, ::history, history_);
    el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_source(edit_, nullptr);  // the user's ~/.editrc
  }
  ~EditedLines() override {
    if (history_ != nullptr) save_history();
    if (edit_ != nullptr) el_end(edit_);
    if (history_ != nullptr) history_end(history_);
  }
  EditedLines(const EditedLines&) = delete;
  EditedLines& operator=(const EditedLines&) = delete;

  bool works() const { return edit_ != nullptr && history_ != nullptr; }
  bool interactive() const override { return true; }

  Line read(const char* prompt) override {
    prompt_ = prompt;
    el_set(edit_, EL_PREP_TERM, 1);  // before the prompt: what is typed at once is ours already
    int n = 0;
    const char* bytes = el_gets(edit_, &n);
    if (bytes == nullptr || n <= 0) {
      // What was typed so far is given up, as the terminal does when Ctrl-C comes from its keys.
      if (interrupt_.raised()) tcflush(STDIN_FILENO, TCIFLUSH);
      std::fputc('\n', stderr);
      return {interrupt_.raised() ? Line::Kind::interrupted : Line::Kind::end};
    }
    Line line{Line::Kind::text, std::string(bytes, static_cast<std::size_t>(n))};
    if (line.text.ends_with('\n')) line.text.pop_back();
    HistEvent event;
    if (!line.text.empty()) ::history(history_, &event, H_ENTER, line.text.c_str());
    return line;
  }

 private:
  static EditedLines& self(EditLine* edit) {
    void* data = nullptr;
    el_get(edit, EL_CLIENTDATA, &data);
    return *static_cast<EditedLines*>(data);
  }
  static char* prompt(EditLine* edit) { return const_cast<char*>(self(edit).prompt_); }

  // libedit takes its characters from here, so that Ctrl-C can end the wait.
  static int get_char(EditLine* edit, wchar_t* out) {
    std::mbstate_t state{};
    for (;;) {
      char byte = 0;
      if (!wait_for_input(self(edit).interrupt_)) return 0;
      if (::read(STDIN_FILENO, &byte, 1) != 1) return 0;
      constexpr auto k_invalid = static_cast<std::size_t>(-1);
      std::size_t n = std::mbrtowc(out, &byte, 1, &state);
      if (n == k_invalid) {  // what came before is no UTF-8 and is passed over, this byte is not
        state = {};
        n = std::mbrtowc(out, &byte, 1, &state);
      }
      if (n <= 1) return 1;
      if (n == k_invalid) state = {};
    }
  }

  // libedit reads and writes in the locale's encoding, and models speak UTF-8.
  static void use_utf8() {
    if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1)
      std::setlocale(LC_CTYPE, "C.UTF-8");
  }

  // libedit writes to memory, and we to the file: links are followed, and nobody else reads it.
  void save_history() {
    if (file_.empty()) return;
    std::error_code ignored;
    std::filesystem::create_directories(file_.parent_path(), ignored);
    const int memory = memfd_create("history", MFD_CLOEXEC);
    std::FILE* stream = memory < 0 ? nullptr : fdopen(memory, "w+");
    if (stream == nullptr) return;
    HistEvent event;
    std::string text;
    if (::history(history_, &event, H_SAVE_FP, stream) >= 0) {
      std::rewind(stream);
      for (int c = 0; (c = std::getc(stream)) != EOF;) text += static_cast<char>(c);
      write_history(text);
    }
    std::fclose(stream);
  }

  void write_history(std::string_view text) {
    auto file = AtomicFile::create(file_, 0600);
    if (file && file->append(std::as_bytes(std::span(text)))) static_cast<void>(file->commit());
  }

  const Interrupt& interrupt_;
  std::filesystem::path file_;
  EditLine* edit_ = nullptr;
  History* history_ = nullptr;
  const char* prompt_ = "";
};

}  // namespace

std::unique_ptr<LineReader> make_edited_reader(const Interrupt& interrupt,
                                               const std::filesystem::path& history) {
  auto reader = std::make_unique<EditedLines>(interrupt, history);
  if (!reader->works()) return nullptr;
  return reader;
}

}  // namespace tenon::cli
