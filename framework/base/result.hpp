// Result<T>, Status, Error: public, so they live with the public headers.
#pragma once

#include "framework/include/tenon/result.hpp"
