// Validation: a device table in front of a plugin's that reports what host and plugin do wrong.
#pragma once

#include <tenon/abi/device.h>

#include <functional>
#include <memory>
#include <string>

namespace tenon {

namespace validation {
struct Layer;
}

// Wraps one open device: the host gets handles of the layer and never the plugin's own. A wrong
// call of the host is logged as HOST_MISBEHAVING and ends with TN_ERR_INVALID before it reaches the
// plugin; a wrong answer is logged as PLUGIN_MISBEHAVING. Handles are remembered after they are
// freed, so that later uses are reported; the object must outlive every call through its table.
// Extensions of the device are hidden: their functions would be given handles of the layer.
class Validation {
 public:
  // The text that the plugin has set on this thread, "" if none; forgets it.
  using TakeError = std::function<std::string()>;

  // `host` and what `take_error` needs must outlive the object; `name` says in the log which device
  // it is. Without `take_error` nobody sees whether failures are explained.
  Validation(const tn_host* host, const tn_device_api& api, tn_device* device, std::string name,
             TakeError take_error = nullptr);
  Validation(Validation&&) noexcept;
  Validation& operator=(Validation&&) noexcept;
  ~Validation();

  const tn_device_api& api() const;  // optional functions are NULL where the plugin's are
  tn_device* handle() const;
  std::uint64_t findings() const;  // what was reported so far

 private:
  std::unique_ptr<validation::Layer> layer_;
};

}  // namespace tenon
