// Library: a shared object, bound at once, its symbols its own, mapped until the process ends.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "framework/base/result.hpp"

namespace boost::dll {
class shared_library;
}

namespace tenon {

class Library {
 public:
  // `path` is absolute. The error is the dynamic linker's, in a few words.
  static Result<Library> load(const std::string& path);

  // The exported function of that name, NULL if there is none.
  template <class Function>
  Function* function(const char* name) const {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  explicit Library(std::shared_ptr<boost::dll::shared_library> impl) : impl_(std::move(impl)) {}
  void* symbol(const char* name) const;

  std::shared_ptr<boost::dll::shared_library> impl_;
};

}  // namespace tenon
