// The packs under test: those of the plugin folder.
#include "kernel_test.hpp"
#include "tests/growth/plugin_under_test.hpp"

namespace tenon::conformance {

const KernelPacks& packs_under_test() {
  static const KernelPacks packs =
      load_packs(plugin_under_test("TENON_TEST_PLUGIN_DIR", TENON_TEST_PLUGIN_DIR));
  return packs;
}

}  // namespace tenon::conformance
