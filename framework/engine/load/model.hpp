// Model: an open model file with its architecture, checked against each other; its tokenizer.
// Immutable after open(): any thread may read it.
#pragma once

#include <tenon/abi/arch.h>

#include <map>
#include <memory>

#include "framework/formats/gguf/gguf.hpp"
#include "framework/graph/builder.hpp"
#include "framework/include/tenon/load_report.hpp"
#include "framework/plugin/catalog.hpp"
#include "framework/text/tokenizer/tokenizer.hpp"

namespace tenon {

// Paged keys and values; those with the same window are a group.
struct KvState {
  std::uint32_t n_kv_heads, dk, dv;
  std::int64_t window;  // 0: all positions
  std::uint32_t group;
};

// What the architecture declared.
struct Declared {
  std::map<std::string, const GgufTensor*, std::less<>>
      tensors;                              // absent optional ones are left out
  std::map<std::uint32_t, KvState> states;  // by id
  std::vector<std::int64_t> windows;        // by group
  std::map<std::string, std::int64_t, std::less<>> limits;
  std::vector<std::string> findings;  // what the file holds and the architecture has no use for
};

class Model {
 public:
  // Errors: ErrorCode::model with file, offset, key or tensor;
  // an architecture that no plugin offers is ErrorCode::unavailable.
  static Result<Model> open(const std::filesystem::path& path, const HostTable& host,
                            const Catalog& catalog);
  // The same for a file that is open already.
  static Result<Model> load(GgufFile opened, const HostTable& host, const Catalog& catalog);

  const GgufFile& file() const { return *file_; }
  // "model_io_error" with `code` once the file could not be read while mapped.
  Status check_file(ErrorCode code) const { return file_->check(code); }
  const Declared& declared() const { return declared_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  // What is odd about the file, one line each: it may answer otherwise than its maker meant.
  std::vector<std::string> findings() const;
  const LoadTimings& times() const { return times_; }
  std::string_view arch_id() const { return desc_->id; }
  std::int64_t n_vocab() const { return limit("n_vocab"); }
  std::int64_t n_ctx_train() const { return limit("n_ctx_train"); }
  // Whether a sequence of so many positions takes the rotary factors for long ones.
  bool is_long(std::int64_t positions) const {
    const std::int64_t most = limit("n_ctx_short");
    return most > 0 && positions > most;
  }

  // The graph of a step over sequences of at most n_ctx positions.
  Result<Graph> build(std::int64_t n_ctx, const DType& cache_dtype, const HostTable& host) const;

 private:
  struct ArchDeleter {
    const tn_arch_desc* desc;
    void operator()(tn_arch* arch) const { desc->destroy(arch); }
  };
  using ArchPtr = std::unique_ptr<tn_arch, ArchDeleter>;

  Model(std::unique_ptr<GgufFile> file, const tn_arch_desc* desc, ArchPtr arch, Declared declared,
        Tokenizer tokenizer);
  std::int64_t limit(std::string_view name) const;

  std::unique_ptr<GgufFile> file_;
  const tn_arch_desc* desc_;
  ArchPtr arch_;
  Declared declared_;
  Tokenizer tokenizer_;
  LoadTimings times_;
};

// Just the file and its tokenizer, for commands that need no architecture.
struct TextModel {
  std::unique_ptr<GgufFile> file;
  Tokenizer tokenizer;
};
Result<TextModel> open_text_model(const std::filesystem::path& path);

// The declarations of an architecture, checked against the tensors of the file.
Result<Declared> read_declared(const GgufFile& file, const tn_arch_desc& desc, const tn_arch* arch,
                               const HostTable& host);

}  // namespace tenon
