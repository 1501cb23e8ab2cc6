// From flags to an Engine, with progress, log and Ctrl-C; and the JSON of what it reports.
#pragma once

#include <nlohmann/json.hpp>

#include "framework/include/tenon/tenon.hpp"
#include "host/cli/common_options.hpp"
#include "host/cli/interrupt.hpp"

namespace tenon::cli {

using Json = nlohmann::ordered_json;

// On `host` if there is one; the plugins of `o` are then those it was made with.
Engine::Builder builder_from(const EngineOptions& o, std::optional<Host> host = std::nullopt);
Result<Engine> load_engine(Engine::Builder builder, const OutputOptions& output,
                           const Interrupt& interrupt);

// Milliseconds since this process started, in steps of 10 ms; nothing where the system does not tell.
std::optional<double> process_age_ms();

Json to_json(const LoadTimings& t, double ready_ms);
Json to_json(const MemoryUse& m);
// Largest resident set of this process so far, in bytes.
std::uint64_t peak_rss();

// One document and a newline; bytes that are not UTF-8 become U+FFFD.
void print_json(const Json& document);

}  // namespace tenon::cli
