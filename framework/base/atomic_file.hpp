// AtomicFile: public, so it lives with the public headers.
#pragma once

#include "framework/include/tenon/atomic_file.hpp"
