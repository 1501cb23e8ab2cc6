// Reader, architecture, tokenizer, chat template, graph, plan, weights and two steps.
#include "tests/faults/models/load_path.hpp"

#include <time.h>

#include <stdexcept>

#include "framework/text/chat_template.hpp"
#include "framework/text/stream/detokenizer.hpp"
#include "framework/text/tokenizer/vocab_gguf.hpp"
#include "tests/faults/models/heap_use.hpp"

namespace tenon::testing {
namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class T>
Outcome refused(Stage stage, const Result<T>& failed) {
  return {stage, failed.error(), 0, 0};
}

// The prompt that a chat would make, or the text itself where the template refuses it.
Result<std::vector<TokenId>> prompt_of(const Model& model) {
  std::string text = "hello <|end|> \u00e9 12";
  if (const auto source = read_chat_template(model.file().metadata()); source && *source) {
    const auto parsed = ChatTemplate::parse(std::string(**source));
    if (!parsed) return fail(parsed);
    ChatInputs inputs;
    inputs.messages = {{{"role", "user"}, {"content", text}}};
    auto rendered = parsed->render(inputs);
    if (!rendered) return fail(rendered);
    text = std::move(rendered->text);
  }
  auto tokens = model.tokenizer().encode(text);
  if (tokens) detokenize(model.tokenizer(), *tokens);
  return tokens;
}

Status answer(Runtime& runtime, std::span<const TokenId> prompt) {
  const auto id = runtime.open_sequence();
  if (!id) return fail(id);
  for (std::size_t i = 0; i < std::min<std::size_t>(prompt.size(), 2); ++i) {
    const StepRow row{prompt[i], *id, true};
    if (const auto logits = runtime.step({&row, 1}, nullptr); !logits) return fail(logits);
  }
  return {};
}

}  // namespace

LoadPath::LoadPath() {
  ScanOptions scan;
  scan.directories = {TENON_TEST_PLUGIN_DIR};
  auto found = Catalog::scan(host_, scan);
  if (!found) throw std::runtime_error(found.error().message());
  catalog_.emplace(std::move(*found));
}

Outcome LoadPath::run(std::span<const std::byte> bytes) const {
  // A heap block of the exact size, so that a sanitizer sees one byte too many.
  const Bytes copy(bytes.begin(), bytes.end());
  const double start = cpu_seconds();
  const HeapUse use;
  Outcome outcome = load(copy);
  outcome.peak_bytes = use.peak();
  outcome.cpu_seconds = cpu_seconds() - start;
  return outcome;
}

Outcome LoadPath::load(std::span<const std::byte> bytes) const {
  auto file = GgufFile::parse(bytes, "hostile.gguf");
  if (!file) return refused(Stage::file, file);
  const auto model = Model::load(std::move(*file), host_, *catalog_);
  if (!model) return refused(Stage::model, model);
  const auto prompt = prompt_of(*model);
  if (!prompt) return refused(Stage::text, prompt);
  LoadOptions options;
  options.backend = "cpu/reference";
  options.batch = 4;
  options.n_threads = 1;
  Devices devices(host_, *catalog_);
  LoadReport report;
  const auto runtime = start_runtime(*model, devices, options, report);
  if (!runtime) return refused(Stage::runtime, runtime);
  Outcome outcome{Stage::done, {}, 0, 0, (*runtime)->n_ctx(), model->findings()};
  if (const Status answered = answer(**runtime, *prompt); !answered) {
    outcome.stage = Stage::answer;
    outcome.error = answered.error();
  }
  return outcome;
}

}  // namespace tenon::testing
