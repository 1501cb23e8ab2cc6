// Who may own a file whose code is run, and its folder.
#pragma once

#include <sys/types.h>

#include <string>

namespace tenon {

// How a file came to be looked at, which decides who else may own it or its folder.
enum class FoundBy {
  search,        // in a folder of the search path
  name,          // the user named it: its folder may be one like /tmp (sticky, everybody's)
  installation,  // in a folder of the installation: whoever owns the program may own it too
};

// "" if that owner is trusted, else "owned by user 1000, neither by root nor by you".
std::string check_owner(uid_t owner, FoundBy found_by);

}  // namespace tenon
