/* tenon/abi/tenon.h - every stable header of the contract. */
#ifndef TENON_ABI_TENON_H
#define TENON_ABI_TENON_H

#include "arch.h"
#include "base.h"
#include "device.h"
#include "graph.h"
#include "kernels.h"
#include "ops.h"
#include "slots/cpu.h"
#include "slots/opencl.h"
#include "slots/vulkan.h"

#endif
