// A program with the installed headers that loads no model: every function that needs none.
#include <array>
#include <iostream>
#include <tenon/atomic_file.hpp>
#include <tenon/model_file.hpp>
#include <tenon/model_text.hpp>
#include <tenon/npy_writer.hpp>
#include <tenon/plugins.hpp>

namespace {

tenon::Status write_files(const std::filesystem::path& beside) {
  auto text = tenon::AtomicFile::create(beside.string() + ".txt");
  if (!text) return tenon::fail(text);
  if (auto committed = text->commit(); !committed) return committed;
  auto rows = tenon::NpyWriter::create(beside.string() + ".npy", 2);
  if (!rows) return tenon::fail(rows);
  if (auto added = rows->append(std::array{1.0F, 2.0F}); !added) return added;
  return rows->finish();
}

tenon::Status show(const std::filesystem::path& path) {
  const auto file = tenon::ModelFile::open(path);
  if (!file) return tenon::fail(file);
  const auto text = tenon::ModelText::open(path);
  if (!text) return tenon::fail(text);
  const auto tokens = text->tokenize("hello");
  if (!tokens) return tenon::fail(tokens);
  tenon::TemplateInputs inputs;
  if (auto read = inputs.messages(R"([{"role": "user", "content": "Hi"}])", "chat"); !read)
    return read;
  const auto prompt = text->render(inputs);
  if (!prompt) return tenon::fail(prompt);
  const auto plugins = tenon::list_plugins();
  if (!plugins) return tenon::fail(plugins);
  const auto devices = tenon::list_devices();
  if (!devices) return tenon::fail(devices);
  std::cout << file->metadata(1).size() << " keys, " << file->tensors().size() << " tensors, "
            << file->types().size() << " types, " << file->findings().size() << " findings, "
            << text->detokenize(*tokens, false).value_or("?") << ", " << prompt->size()
            << " bytes, " << plugins->plugins.size() << " plugins, " << devices->size()
            << " devices\n";
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path path = argc > 1 ? argv[1] : "";
  tenon::Status done = show(path);
  if (done) done = write_files(path);
  if (!done) std::cerr << done.error().message() << '\n';
  return done ? 0 : static_cast<int>(done.error().code());
}
