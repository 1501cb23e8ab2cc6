// All trials are one plan, so that their kernels are compiled together; only if that fails each is one.
#include "self_test.hpp"

#include <algorithm>
#include <cstring>
#include <sstream>

#include "backends/gpu/mirror/functions.hpp"
#include "backends/gpu/program.hpp"
#include "trial_run.hpp"

namespace tenon::gpu {
namespace {

constexpr int k_rounds = 8;

// Words of which numbers too small to be normal are left out, as devices may flush them.
uint32_t word_at(const std::vector<std::byte>& bytes, size_t i) {
  float x = 0;
  std::memcpy(&x, bytes.data() + 4 * i, 4);
  return mirror::is_nan(x) ? 0x7fc00000u : mirror::bits_of(mirror::flushed(x));
}

// "", or what differs.
std::string difference(const Trial& trial, const std::vector<std::vector<std::byte>>& got) {
  for (size_t o = 0; o < trial.operands.size(); ++o) {
    const Trial::Operand& operand = trial.operands[o];
    if (operand.role != Trial::Role::output) continue;
    size_t different = 0;
    const size_t n = operand.bytes.size() / 4;
    for (size_t i = 0; i < n; ++i)
      different += word_at(operand.bytes, i) != word_at(got[o], i) ? 1u : 0u;
    if (different > 0)
      return "self-test: " + std::to_string(different) + " of " + std::to_string(n) +
             " values differ from the mirror's";
  }
  return "";
}

void drop(const Trial& trial, const std::string& why, std::vector<Dropped>& out) {
  for (const std::string& kernel : trial.kernels) out.push_back({kernel, why});
}

tn_status judge(TrialRun& run, std::span<const Trial> trials, std::vector<Dropped>& out) {
  std::vector<std::string> wrong(trials.size());
  for (int round = 0; round < k_rounds; ++round) {
    std::vector<std::vector<std::vector<std::byte>>> results;
    if (const tn_status status = run.execute(results); status != TN_OK) return status;
    for (size_t i = 0; i < trials.size(); ++i)
      if (wrong[i].empty()) wrong[i] = difference(trials[i], results[i]);
  }
  for (size_t i = 0; i < trials.size(); ++i)
    if (!wrong[i].empty()) drop(trials[i], wrong[i], out);
  return TN_OK;
}

bool is_of_the_device(tn_status status) {
  return status == TN_ERR_DEVICE_LOST || status == TN_ERR_OOM;
}

// A kernel that does not compile is dropped; one that is declined is nobody's.
tn_status test_each(const tn_host* host, sdk::Device& device, std::span<const Trial> trials,
                    std::vector<Dropped>& out) {
  for (const Trial& trial : trials) {
    TrialRun run(host, device, {&trial, 1});
    tn_status status = run.prepare();
    if (is_of_the_device(status)) return status;
    if (status == TN_ERR_UNSUPPORTED) continue;
    if (status != TN_OK) drop(trial, "self-test: it does not compile", out);
    if (status == TN_OK) status = judge(run, {&trial, 1}, out);
    if (is_of_the_device(status)) return status;
  }
  return TN_OK;
}

}  // namespace

tn_status test_device(const tn_host* host, sdk::Device& device, std::vector<Dropped>& out) {
  const std::vector<Trial> trials = make_trials();
  {
    TrialRun all(host, device, trials);
    const tn_status status = all.prepare();
    if (status == TN_OK) return judge(all, trials, out);
    if (is_of_the_device(status)) return status;
  }
  return test_each(host, device, trials, out);
}

std::string to_text(const std::vector<Dropped>& dropped) {
  std::string text;
  for (const Dropped& d : dropped) text += d.kernel + '\t' + d.why + '\n';
  return text;
}

std::vector<Dropped> from_text(const std::string& text) {
  std::vector<Dropped> dropped;
  std::istringstream lines(text);
  for (std::string kernel, why; std::getline(lines, kernel, '\t') && std::getline(lines, why);)
    dropped.push_back({kernel, why});
  return dropped;
}

}  // namespace tenon::gpu
