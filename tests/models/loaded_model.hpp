// LoadedModel: a model file with the plugins of this build tree, from which tests make runtimes.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <iostream>
#include <optional>
#include <vector>

#include "framework/engine/load/device_choice.hpp"
#include "framework/engine/step/runtime.hpp"

namespace tenon::testing {

struct LoadedModel {
  HostTable host;
  std::optional<Catalog> catalog;
  mutable std::optional<Devices> devices;
  std::optional<Model> model;

  // `plugins` beside those of the build tree.
  explicit LoadedModel(const std::filesystem::path& file,
                       std::vector<std::filesystem::path> plugins = {}) {
    ScanOptions scan;
    scan.directories = {TENON_TEST_PLUGIN_DIR};
    scan.files = std::move(plugins);
    auto found = Catalog::scan(host, scan);
    if (!found) throw std::runtime_error(found.error().message());
    catalog.emplace(std::move(*found));
    devices.emplace(host, *catalog);
    auto opened = Model::open(file, host, *catalog);
    if (!opened) throw std::runtime_error(opened.error().message());
    model.emplace(std::move(*opened));
  }

  std::unique_ptr<Runtime> runtime(LoadOptions options) const {
    LoadReport report;
    auto made = start_runtime(*model, *devices, std::move(options), report);
    if (!made) throw std::runtime_error(made.error().message());
    return std::move(*made);
  }

  // The packs for the CPU that this machine runs, as --backend names them;
  // the others are printed with the reason.
  std::vector<std::string> usable_packs() const {
    std::vector<std::string> packs;
    for (const char* pack : {"reference", "baseline", "avx2", "avx512vnni"}) {
      const BackendSpec spec{"cpu", pack, {}};
      auto here = choose_devices(*devices, {&spec, 1}, 1);
      if (here)
        packs.push_back(std::string("cpu/") + pack);
      else
        std::cout << "not run on this machine: cpu/" << pack << ": " << here.error().message()
                  << '\n';
    }
    return packs;
  }
};

// The logits of every row, computed `chunk` rows at a time on a sequence of its own, which is the
// beginning of one that will have `length` positions (0: it is all there is).
inline std::vector<float> logits_of(Runtime& runtime, std::span<const TokenId> tokens,
                                    std::size_t chunk, std::size_t length = 0) {
  std::vector<float> all;
  const auto id = runtime.open_sequence();
  if (!id) throw std::runtime_error(id.error().message());
  const std::size_t positions = std::max(length, tokens.size());
  runtime.set_long(*id, runtime.model().is_long(static_cast<std::int64_t>(positions)));
  for (std::size_t at = 0; at < tokens.size(); at += chunk) {
    std::vector<StepRow> rows;
    for (std::size_t i = at; i < std::min(at + chunk, tokens.size()); ++i)
      rows.push_back({tokens[i], *id, true});
    const auto logits = runtime.step(rows, nullptr);
    if (!logits) throw std::runtime_error(logits.error().message());
    all.insert(all.end(), logits->begin(), logits->end());
  }
  runtime.close_sequence(*id);
  return all;
}

inline ::testing::AssertionResult same_bits(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size())
    return ::testing::AssertionFailure() << a.size() << " values against " << b.size();
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]))
      return ::testing::AssertionFailure() << "value " << i << ": " << a[i] << " is not " << b[i];
  return ::testing::AssertionSuccess();
}

}  // namespace tenon::testing
