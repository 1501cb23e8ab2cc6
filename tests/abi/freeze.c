/* Every field, size and constant of the plugin ABI, frozen. Made by gen_layout.py. */
#include <tenon/abi/arch.h>
#include <tenon/abi/base.h>
#include <tenon/abi/commands.h>
#include <tenon/abi/device.h>
#include <tenon/abi/graph.h>
#include <tenon/abi/kernels.h>
#include <tenon/abi/ops.h>
#include <tenon/abi/slots/cpu.h>
#include <tenon/abi/state.h>
#include <tenon/abi/tenon.h>
#include <tenon/abi/weights.h>

_Static_assert(sizeof(tn_meta) == 72, "tn_meta");
_Static_assert(offsetof(tn_meta, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_meta, flags) == 4, "flags");
_Static_assert(offsetof(tn_meta, ctx) == 8, "ctx");
_Static_assert(offsetof(tn_meta, get_i64) == 16, "get_i64");
_Static_assert(offsetof(tn_meta, get_f64) == 24, "get_f64");
_Static_assert(offsetof(tn_meta, get_bool) == 32, "get_bool");
_Static_assert(offsetof(tn_meta, get_str) == 40, "get_str");
_Static_assert(offsetof(tn_meta, get_i64s) == 48, "get_i64s");
_Static_assert(offsetof(tn_meta, get_f64s) == 56, "get_f64s");
_Static_assert(offsetof(tn_meta, tensor_dim) == 64, "tensor_dim");

_Static_assert(sizeof(tn_declare) == 40, "tn_declare");
_Static_assert(offsetof(tn_declare, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_declare, flags) == 4, "flags");
_Static_assert(offsetof(tn_declare, ctx) == 8, "ctx");
_Static_assert(offsetof(tn_declare, tensor) == 16, "tensor");
_Static_assert(offsetof(tn_declare, kv_state) == 24, "kv_state");
_Static_assert(offsetof(tn_declare, limit) == 32, "limit");

_Static_assert(sizeof(tn_builder) == 88, "tn_builder");
_Static_assert(offsetof(tn_builder, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_builder, flags) == 4, "flags");
_Static_assert(offsetof(tn_builder, ctx) == 8, "ctx");
_Static_assert(offsetof(tn_builder, input) == 16, "input");
_Static_assert(offsetof(tn_builder, weight) == 24, "weight");
_Static_assert(offsetof(tn_builder, state) == 32, "state");
_Static_assert(offsetof(tn_builder, op) == 40, "op");
_Static_assert(offsetof(tn_builder, view) == 48, "view");
_Static_assert(offsetof(tn_builder, shape) == 56, "shape");
_Static_assert(offsetof(tn_builder, scope) == 64, "scope");
_Static_assert(offsetof(tn_builder, output) == 72, "output");
_Static_assert(offsetof(tn_builder, fail) == 80, "fail");

_Static_assert(sizeof(tn_build_req) == 8, "tn_build_req");
_Static_assert(offsetof(tn_build_req, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_build_req, flags) == 4, "flags");

_Static_assert(sizeof(tn_arch_desc) == 56, "tn_arch_desc");
_Static_assert(offsetof(tn_arch_desc, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_arch_desc, flags) == 4, "flags");
_Static_assert(offsetof(tn_arch_desc, id) == 8, "id");
_Static_assert(offsetof(tn_arch_desc, gguf_archs) == 16, "gguf_archs");
_Static_assert(offsetof(tn_arch_desc, create) == 24, "create");
_Static_assert(offsetof(tn_arch_desc, declare) == 32, "declare");
_Static_assert(offsetof(tn_arch_desc, build) == 40, "build");
_Static_assert(offsetof(tn_arch_desc, destroy) == 48, "destroy");

_Static_assert(sizeof(tn_arch_factory) == 16, "tn_arch_factory");
_Static_assert(offsetof(tn_arch_factory, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_arch_factory, flags) == 4, "flags");
_Static_assert(offsetof(tn_arch_factory, archs) == 8, "archs");

_Static_assert(sizeof(tn_host) == 56, "tn_host");
_Static_assert(offsetof(tn_host, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_host, abi_major) == 4, "abi_major");
_Static_assert(offsetof(tn_host, abi_minor) == 6, "abi_minor");
_Static_assert(offsetof(tn_host, ctx) == 8, "ctx");
_Static_assert(offsetof(tn_host, log) == 16, "log");
_Static_assert(offsetof(tn_host, set_error) == 24, "set_error");
_Static_assert(offsetof(tn_host, intern) == 32, "intern");
_Static_assert(offsetof(tn_host, id_name) == 40, "id_name");
_Static_assert(offsetof(tn_host, get_extension) == 48, "get_extension");

_Static_assert(sizeof(tn_plugin) == 56, "tn_plugin");
_Static_assert(offsetof(tn_plugin, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_plugin, abi_minor_built) == 4, "abi_minor_built");
_Static_assert(offsetof(tn_plugin, abi_minor_min) == 6, "abi_minor_min");
_Static_assert(offsetof(tn_plugin, id) == 8, "id");
_Static_assert(offsetof(tn_plugin, version) == 16, "version");
_Static_assert(offsetof(tn_plugin, vendor) == 24, "vendor");
_Static_assert(offsetof(tn_plugin, init) == 32, "init");
_Static_assert(offsetof(tn_plugin, shutdown) == 40, "shutdown");
_Static_assert(offsetof(tn_plugin, get_factory) == 48, "get_factory");

_Static_assert(sizeof(tn_point) == 16, "tn_point");
_Static_assert(offsetof(tn_point, timeline) == 0, "timeline");
_Static_assert(offsetof(tn_point, value) == 8, "value");

_Static_assert(sizeof(tn_cmd) == 8, "tn_cmd");
_Static_assert(offsetof(tn_cmd, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_cmd, type) == 4, "type");

_Static_assert(sizeof(tn_cmd_copy) == 48, "tn_cmd_copy");
_Static_assert(offsetof(tn_cmd_copy, head) == 0, "head");
_Static_assert(offsetof(tn_cmd_copy, src) == 8, "src");
_Static_assert(offsetof(tn_cmd_copy, src_offset) == 16, "src_offset");
_Static_assert(offsetof(tn_cmd_copy, dst) == 24, "dst");
_Static_assert(offsetof(tn_cmd_copy, dst_offset) == 32, "dst_offset");
_Static_assert(offsetof(tn_cmd_copy, size) == 40, "size");

_Static_assert(sizeof(tn_cmd_fill) == 40, "tn_cmd_fill");
_Static_assert(offsetof(tn_cmd_fill, head) == 0, "head");
_Static_assert(offsetof(tn_cmd_fill, dst) == 8, "dst");
_Static_assert(offsetof(tn_cmd_fill, offset) == 16, "offset");
_Static_assert(offsetof(tn_cmd_fill, size) == 24, "size");
_Static_assert(offsetof(tn_cmd_fill, pattern) == 32, "pattern");
_Static_assert(offsetof(tn_cmd_fill, rsv) == 36, "rsv");

_Static_assert(sizeof(tn_cmd_write) == 40, "tn_cmd_write");
_Static_assert(offsetof(tn_cmd_write, head) == 0, "head");
_Static_assert(offsetof(tn_cmd_write, src) == 8, "src");
_Static_assert(offsetof(tn_cmd_write, dst) == 16, "dst");
_Static_assert(offsetof(tn_cmd_write, offset) == 24, "offset");
_Static_assert(offsetof(tn_cmd_write, size) == 32, "size");

_Static_assert(sizeof(tn_cmd_read) == 40, "tn_cmd_read");
_Static_assert(offsetof(tn_cmd_read, head) == 0, "head");
_Static_assert(offsetof(tn_cmd_read, src) == 8, "src");
_Static_assert(offsetof(tn_cmd_read, offset) == 16, "offset");
_Static_assert(offsetof(tn_cmd_read, size) == 24, "size");
_Static_assert(offsetof(tn_cmd_read, dst) == 32, "dst");

_Static_assert(sizeof(tn_binding) == 16, "tn_binding");
_Static_assert(offsetof(tn_binding, buffer) == 0, "buffer");
_Static_assert(offsetof(tn_binding, offset) == 8, "offset");

_Static_assert(sizeof(tn_cmd_execute) == 56, "tn_cmd_execute");
_Static_assert(offsetof(tn_cmd_execute, head) == 0, "head");
_Static_assert(offsetof(tn_cmd_execute, plan) == 8, "plan");
_Static_assert(offsetof(tn_cmd_execute, kv) == 16, "kv");
_Static_assert(offsetof(tn_cmd_execute, bindings) == 24, "bindings");
_Static_assert(offsetof(tn_cmd_execute, syms) == 32, "syms");
_Static_assert(offsetof(tn_cmd_execute, n_bindings) == 40, "n_bindings");
_Static_assert(offsetof(tn_cmd_execute, n_syms) == 44, "n_syms");
_Static_assert(offsetof(tn_cmd_execute, node_ns) == 48, "node_ns");

_Static_assert(sizeof(tn_cmd_kv_copy) == 32, "tn_cmd_kv_copy");
_Static_assert(offsetof(tn_cmd_kv_copy, head) == 0, "head");
_Static_assert(offsetof(tn_cmd_kv_copy, kv) == 8, "kv");
_Static_assert(offsetof(tn_cmd_kv_copy, moves) == 16, "moves");
_Static_assert(offsetof(tn_cmd_kv_copy, n_moves) == 24, "n_moves");
_Static_assert(offsetof(tn_cmd_kv_copy, group) == 28, "group");

_Static_assert(sizeof(tn_cmd_kv_rows) == 32, "tn_cmd_kv_rows");
_Static_assert(offsetof(tn_cmd_kv_rows, head) == 0, "head");
_Static_assert(offsetof(tn_cmd_kv_rows, kv) == 8, "kv");
_Static_assert(offsetof(tn_cmd_kv_rows, rows) == 16, "rows");
_Static_assert(offsetof(tn_cmd_kv_rows, n_rows) == 24, "n_rows");
_Static_assert(offsetof(tn_cmd_kv_rows, stride) == 28, "stride");

_Static_assert(sizeof(tn_submit) == 64, "tn_submit");
_Static_assert(offsetof(tn_submit, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_submit, flags) == 4, "flags");
_Static_assert(offsetof(tn_submit, waits) == 8, "waits");
_Static_assert(offsetof(tn_submit, signals) == 16, "signals");
_Static_assert(offsetof(tn_submit, cmds) == 24, "cmds");
_Static_assert(offsetof(tn_submit, n_waits) == 32, "n_waits");
_Static_assert(offsetof(tn_submit, n_signals) == 36, "n_signals");
_Static_assert(offsetof(tn_submit, n_cmds) == 40, "n_cmds");
_Static_assert(offsetof(tn_submit, rsv) == 44, "rsv");
_Static_assert(offsetof(tn_submit, cancel) == 48, "cancel");
_Static_assert(offsetof(tn_submit, result) == 56, "result");

_Static_assert(sizeof(tn_device_info) == 64, "tn_device_info");
_Static_assert(offsetof(tn_device_info, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_device_info, flags) == 4, "flags");
_Static_assert(offsetof(tn_device_info, name) == 8, "name");
_Static_assert(offsetof(tn_device_info, slots) == 16, "slots");
_Static_assert(offsetof(tn_device_info, unusable) == 24, "unusable");
_Static_assert(offsetof(tn_device_info, features) == 32, "features");
_Static_assert(offsetof(tn_device_info, memory_total) == 40, "memory_total");
_Static_assert(offsetof(tn_device_info, memory_free) == 48, "memory_free");
_Static_assert(offsetof(tn_device_info, units) == 56, "units");
_Static_assert(offsetof(tn_device_info, kind) == 60, "kind");

_Static_assert(sizeof(tn_backend_opts) == 8, "tn_backend_opts");
_Static_assert(offsetof(tn_backend_opts, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_backend_opts, flags) == 4, "flags");

_Static_assert(sizeof(tn_open_opts) == 16, "tn_open_opts");
_Static_assert(offsetof(tn_open_opts, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_open_opts, flags) == 4, "flags");
_Static_assert(offsetof(tn_open_opts, n_threads) == 8, "n_threads");
_Static_assert(offsetof(tn_open_opts, rsv) == 12, "rsv");

_Static_assert(sizeof(tn_heap) == 48, "tn_heap");
_Static_assert(offsetof(tn_heap, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_heap, flags) == 4, "flags");
_Static_assert(offsetof(tn_heap, size) == 8, "size");
_Static_assert(offsetof(tn_heap, budget) == 16, "budget");
_Static_assert(offsetof(tn_heap, max_alloc) == 24, "max_alloc");
_Static_assert(offsetof(tn_heap, max_range) == 32, "max_range");
_Static_assert(offsetof(tn_heap, alignment) == 40, "alignment");

_Static_assert(sizeof(tn_compile_opts) == 24, "tn_compile_opts");
_Static_assert(offsetof(tn_compile_opts, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_compile_opts, flags) == 4, "flags");
_Static_assert(offsetof(tn_compile_opts, n_syms) == 8, "n_syms");
_Static_assert(offsetof(tn_compile_opts, rsv) == 12, "rsv");
_Static_assert(offsetof(tn_compile_opts, max_syms) == 16, "max_syms");

_Static_assert(sizeof(tn_plan_info) == 16, "tn_plan_info");
_Static_assert(offsetof(tn_plan_info, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_plan_info, flags) == 4, "flags");
_Static_assert(offsetof(tn_plan_info, scratch_bytes) == 8, "scratch_bytes");

_Static_assert(sizeof(tn_device_api) == 200, "tn_device_api");
_Static_assert(offsetof(tn_device_api, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_device_api, flags) == 4, "flags");
_Static_assert(offsetof(tn_device_api, close) == 8, "close");
_Static_assert(offsetof(tn_device_api, get_heaps) == 16, "get_heaps");
_Static_assert(offsetof(tn_device_api, get_extension) == 24, "get_extension");
_Static_assert(offsetof(tn_device_api, buffer_alloc) == 32, "buffer_alloc");
_Static_assert(offsetof(tn_device_api, buffer_free) == 40, "buffer_free");
_Static_assert(offsetof(tn_device_api, buffer_map) == 48, "buffer_map");
_Static_assert(offsetof(tn_device_api, buffer_unmap) == 56, "buffer_unmap");
_Static_assert(offsetof(tn_device_api, timeline_create) == 64, "timeline_create");
_Static_assert(offsetof(tn_device_api, timeline_destroy) == 72, "timeline_destroy");
_Static_assert(offsetof(tn_device_api, timeline_query) == 80, "timeline_query");
_Static_assert(offsetof(tn_device_api, timeline_wait) == 88, "timeline_wait");
_Static_assert(offsetof(tn_device_api, queue_open) == 96, "queue_open");
_Static_assert(offsetof(tn_device_api, queue_close) == 104, "queue_close");
_Static_assert(offsetof(tn_device_api, submit) == 112, "submit");
_Static_assert(offsetof(tn_device_api, supports) == 120, "supports");
_Static_assert(offsetof(tn_device_api, compile) == 128, "compile");
_Static_assert(offsetof(tn_device_api, plan_info) == 136, "plan_info");
_Static_assert(offsetof(tn_device_api, plan_free) == 144, "plan_free");
_Static_assert(offsetof(tn_device_api, weight_put) == 152, "weight_put");
_Static_assert(offsetof(tn_device_api, weights_commit) == 160, "weights_commit");
_Static_assert(offsetof(tn_device_api, weight_free) == 168, "weight_free");
_Static_assert(offsetof(tn_device_api, kv_create) == 176, "kv_create");
_Static_assert(offsetof(tn_device_api, kv_free) == 184, "kv_free");
_Static_assert(offsetof(tn_device_api, kv_size) == 192, "kv_size");

_Static_assert(sizeof(tn_backend_factory) == 64, "tn_backend_factory");
_Static_assert(offsetof(tn_backend_factory, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_backend_factory, flags) == 4, "flags");
_Static_assert(offsetof(tn_backend_factory, id) == 8, "id");
_Static_assert(offsetof(tn_backend_factory, api) == 16, "api");
_Static_assert(offsetof(tn_backend_factory, ops) == 24, "ops");
_Static_assert(offsetof(tn_backend_factory, create) == 32, "create");
_Static_assert(offsetof(tn_backend_factory, destroy) == 40, "destroy");
_Static_assert(offsetof(tn_backend_factory, enumerate) == 48, "enumerate");
_Static_assert(offsetof(tn_backend_factory, open) == 56, "open");

_Static_assert(sizeof(tn_tensor) == 176, "tn_tensor");
_Static_assert(offsetof(tn_tensor, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_tensor, role) == 4, "role");
_Static_assert(offsetof(tn_tensor, dtype) == 8, "dtype");
_Static_assert(offsetof(tn_tensor, layout) == 12, "layout");
_Static_assert(offsetof(tn_tensor, dim) == 16, "dim");
_Static_assert(offsetof(tn_tensor, stride) == 64, "stride");
_Static_assert(offsetof(tn_tensor, sym) == 112, "sym");
_Static_assert(offsetof(tn_tensor, rank) == 136, "rank");
_Static_assert(offsetof(tn_tensor, view_of) == 140, "view_of");
_Static_assert(offsetof(tn_tensor, view_offset) == 144, "view_offset");
_Static_assert(offsetof(tn_tensor, consumers) == 152, "consumers");
_Static_assert(offsetof(tn_tensor, weight) == 156, "weight");
_Static_assert(offsetof(tn_tensor, state) == 160, "state");
_Static_assert(offsetof(tn_tensor, binding) == 164, "binding");
_Static_assert(offsetof(tn_tensor, offset) == 168, "offset");

_Static_assert(sizeof(tn_node) == 72, "tn_node");
_Static_assert(offsetof(tn_node, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_node, layer) == 4, "layer");
_Static_assert(offsetof(tn_node, op) == 8, "op");
_Static_assert(offsetof(tn_node, n_in) == 12, "n_in");
_Static_assert(offsetof(tn_node, in) == 16, "in");
_Static_assert(offsetof(tn_node, out) == 24, "out");
_Static_assert(offsetof(tn_node, n_out) == 32, "n_out");
_Static_assert(offsetof(tn_node, flags) == 36, "flags");
_Static_assert(offsetof(tn_node, features) == 40, "features");
_Static_assert(offsetof(tn_node, params) == 48, "params");
_Static_assert(offsetof(tn_node, bound) == 56, "bound");
_Static_assert(offsetof(tn_node, name) == 64, "name");

_Static_assert(sizeof(tn_subgraph) == 72, "tn_subgraph");
_Static_assert(offsetof(tn_subgraph, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_subgraph, n_nodes) == 4, "n_nodes");
_Static_assert(offsetof(tn_subgraph, n_tensors) == 8, "n_tensors");
_Static_assert(offsetof(tn_subgraph, node_stride) == 12, "node_stride");
_Static_assert(offsetof(tn_subgraph, tensor_stride) == 16, "tensor_stride");
_Static_assert(offsetof(tn_subgraph, flags) == 20, "flags");
_Static_assert(offsetof(tn_subgraph, nodes) == 24, "nodes");
_Static_assert(offsetof(tn_subgraph, tensors) == 32, "tensors");
_Static_assert(offsetof(tn_subgraph, live_out) == 40, "live_out");
_Static_assert(offsetof(tn_subgraph, n_live_out) == 48, "n_live_out");
_Static_assert(offsetof(tn_subgraph, n_bindings) == 52, "n_bindings");
_Static_assert(offsetof(tn_subgraph, weights) == 56, "weights");
_Static_assert(offsetof(tn_subgraph, n_weights) == 64, "n_weights");
_Static_assert(offsetof(tn_subgraph, rsv) == 68, "rsv");

_Static_assert(sizeof(tn_node_query) == 40, "tn_node_query");
_Static_assert(offsetof(tn_node_query, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_node_query, n_in) == 4, "n_in");
_Static_assert(offsetof(tn_node_query, host) == 8, "host");
_Static_assert(offsetof(tn_node_query, node) == 16, "node");
_Static_assert(offsetof(tn_node_query, t) == 24, "t");
_Static_assert(offsetof(tn_node_query, n_out) == 32, "n_out");
_Static_assert(offsetof(tn_node_query, flags) == 36, "flags");

_Static_assert(sizeof(tn_op_decl) == 40, "tn_op_decl");
_Static_assert(offsetof(tn_op_decl, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_op_decl, flags) == 4, "flags");
_Static_assert(offsetof(tn_op_decl, op) == 8, "op");
_Static_assert(offsetof(tn_op_decl, in_dtypes) == 16, "in_dtypes");
_Static_assert(offsetof(tn_op_decl, out_dtypes) == 24, "out_dtypes");
_Static_assert(offsetof(tn_op_decl, features) == 32, "features");

_Static_assert(sizeof(tn_support) == 16, "tn_support");
_Static_assert(offsetof(tn_support, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_support, verdict) == 4, "verdict");
_Static_assert(offsetof(tn_support, layouts) == 8, "layouts");

_Static_assert(sizeof(tn_kernel_desc) == 88, "tn_kernel_desc");
_Static_assert(offsetof(tn_kernel_desc, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_kernel_desc, score) == 4, "score");
_Static_assert(offsetof(tn_kernel_desc, id) == 8, "id");
_Static_assert(offsetof(tn_kernel_desc, slot) == 16, "slot");
_Static_assert(offsetof(tn_kernel_desc, op) == 24, "op");
_Static_assert(offsetof(tn_kernel_desc, in_dtypes) == 32, "in_dtypes");
_Static_assert(offsetof(tn_kernel_desc, out_dtypes) == 40, "out_dtypes");
_Static_assert(offsetof(tn_kernel_desc, needs) == 48, "needs");
_Static_assert(offsetof(tn_kernel_desc, layouts) == 56, "layouts");
_Static_assert(offsetof(tn_kernel_desc, arithmetic) == 64, "arithmetic");
_Static_assert(offsetof(tn_kernel_desc, features) == 72, "features");
_Static_assert(offsetof(tn_kernel_desc, impl) == 80, "impl");

_Static_assert(sizeof(tn_layout_desc) == 56, "tn_layout_desc");
_Static_assert(offsetof(tn_layout_desc, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_layout_desc, group_rows) == 4, "group_rows");
_Static_assert(offsetof(tn_layout_desc, id) == 8, "id");
_Static_assert(offsetof(tn_layout_desc, dtype) == 16, "dtype");
_Static_assert(offsetof(tn_layout_desc, slot) == 24, "slot");
_Static_assert(offsetof(tn_layout_desc, packed_size) == 32, "packed_size");
_Static_assert(offsetof(tn_layout_desc, pack) == 40, "pack");
_Static_assert(offsetof(tn_layout_desc, unpack) == 48, "unpack");

_Static_assert(sizeof(tn_kernel_factory) == 32, "tn_kernel_factory");
_Static_assert(offsetof(tn_kernel_factory, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_kernel_factory, flags) == 4, "flags");
_Static_assert(offsetof(tn_kernel_factory, pack) == 8, "pack");
_Static_assert(offsetof(tn_kernel_factory, kernels) == 16, "kernels");
_Static_assert(offsetof(tn_kernel_factory, layouts) == 24, "layouts");

_Static_assert(sizeof(tn_scale_params) == 8, "tn_scale_params");
_Static_assert(offsetof(tn_scale_params, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_scale_params, factor) == 4, "factor");

_Static_assert(sizeof(tn_softcap_params) == 8, "tn_softcap_params");
_Static_assert(offsetof(tn_softcap_params, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_softcap_params, cap) == 4, "cap");

_Static_assert(sizeof(tn_top_k_params) == 8, "tn_top_k_params");
_Static_assert(offsetof(tn_top_k_params, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_top_k_params, k) == 4, "k");

_Static_assert(sizeof(tn_norm_params) == 8, "tn_norm_params");
_Static_assert(offsetof(tn_norm_params, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_norm_params, eps) == 4, "eps");

_Static_assert(sizeof(tn_rope_params) == 32, "tn_rope_params");
_Static_assert(offsetof(tn_rope_params, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_rope_params, n_dims) == 4, "n_dims");
_Static_assert(offsetof(tn_rope_params, base) == 8, "base");
_Static_assert(offsetof(tn_rope_params, freq_scale) == 12, "freq_scale");
_Static_assert(offsetof(tn_rope_params, magnitude) == 16, "magnitude");
_Static_assert(offsetof(tn_rope_params, yarn_extrapolation) == 20, "yarn_extrapolation");
_Static_assert(offsetof(tn_rope_params, yarn_low) == 24, "yarn_low");
_Static_assert(offsetof(tn_rope_params, yarn_high) == 28, "yarn_high");

_Static_assert(sizeof(tn_attention_params) == 24, "tn_attention_params");
_Static_assert(offsetof(tn_attention_params, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_attention_params, n_kv_heads) == 4, "n_kv_heads");
_Static_assert(offsetof(tn_attention_params, scale) == 8, "scale");
_Static_assert(offsetof(tn_attention_params, softcap) == 12, "softcap");
_Static_assert(offsetof(tn_attention_params, window) == 16, "window");

_Static_assert(sizeof(tn_cpu_work) == 120, "tn_cpu_work");
_Static_assert(offsetof(tn_cpu_work, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_cpu_work, n_phases) == 4, "n_phases");
_Static_assert(offsetof(tn_cpu_work, items) == 8, "items");
_Static_assert(offsetof(tn_cpu_work, flags) == 72, "flags");
_Static_assert(offsetof(tn_cpu_work, shared_scratch) == 104, "shared_scratch");
_Static_assert(offsetof(tn_cpu_work, worker_scratch) == 112, "worker_scratch");

_Static_assert(sizeof(tn_cpu_kv) == 64, "tn_cpu_kv");
_Static_assert(offsetof(tn_cpu_kv, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_cpu_kv, n_kv_heads) == 4, "n_kv_heads");
_Static_assert(offsetof(tn_cpu_kv, dk) == 8, "dk");
_Static_assert(offsetof(tn_cpu_kv, dv) == 12, "dv");
_Static_assert(offsetof(tn_cpu_kv, n_pages) == 16, "n_pages");
_Static_assert(offsetof(tn_cpu_kv, page_stride) == 24, "page_stride");
_Static_assert(offsetof(tn_cpu_kv, k_tile_bytes) == 32, "k_tile_bytes");
_Static_assert(offsetof(tn_cpu_kv, v_tile_bytes) == 40, "v_tile_bytes");
_Static_assert(offsetof(tn_cpu_kv, k) == 48, "k");
_Static_assert(offsetof(tn_cpu_kv, v) == 56, "v");

_Static_assert(sizeof(tn_cpu_args) == 56, "tn_cpu_args");
_Static_assert(offsetof(tn_cpu_args, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_cpu_args, n_in) == 4, "n_in");
_Static_assert(offsetof(tn_cpu_args, node) == 8, "node");
_Static_assert(offsetof(tn_cpu_args, t) == 16, "t");
_Static_assert(offsetof(tn_cpu_args, ptr) == 24, "ptr");
_Static_assert(offsetof(tn_cpu_args, syms) == 32, "syms");
_Static_assert(offsetof(tn_cpu_args, shared) == 40, "shared");
_Static_assert(offsetof(tn_cpu_args, n_out) == 48, "n_out");
_Static_assert(offsetof(tn_cpu_args, n_syms) == 52, "n_syms");

_Static_assert(sizeof(tn_cpu_kernel) == 32, "tn_cpu_kernel");
_Static_assert(offsetof(tn_cpu_kernel, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_cpu_kernel, flags) == 4, "flags");
_Static_assert(offsetof(tn_cpu_kernel, check) == 8, "check");
_Static_assert(offsetof(tn_cpu_kernel, plan) == 16, "plan");
_Static_assert(offsetof(tn_cpu_kernel, run) == 24, "run");

_Static_assert(sizeof(tn_state_desc) == 48, "tn_state_desc");
_Static_assert(offsetof(tn_state_desc, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_state_desc, kind) == 4, "kind");
_Static_assert(offsetof(tn_state_desc, id) == 8, "id");
_Static_assert(offsetof(tn_state_desc, group) == 12, "group");
_Static_assert(offsetof(tn_state_desc, n_kv_heads) == 16, "n_kv_heads");
_Static_assert(offsetof(tn_state_desc, dk) == 20, "dk");
_Static_assert(offsetof(tn_state_desc, dv) == 24, "dv");
_Static_assert(offsetof(tn_state_desc, dtype) == 28, "dtype");
_Static_assert(offsetof(tn_state_desc, layout) == 32, "layout");
_Static_assert(offsetof(tn_state_desc, flags) == 36, "flags");
_Static_assert(offsetof(tn_state_desc, window) == 40, "window");

_Static_assert(sizeof(tn_kv_desc) == 40, "tn_kv_desc");
_Static_assert(offsetof(tn_kv_desc, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_kv_desc, flags) == 4, "flags");
_Static_assert(offsetof(tn_kv_desc, n_states) == 8, "n_states");
_Static_assert(offsetof(tn_kv_desc, state_stride) == 12, "state_stride");
_Static_assert(offsetof(tn_kv_desc, states) == 16, "states");
_Static_assert(offsetof(tn_kv_desc, n_pages) == 24, "n_pages");
_Static_assert(offsetof(tn_kv_desc, n_groups) == 32, "n_groups");
_Static_assert(offsetof(tn_kv_desc, page_positions) == 36, "page_positions");

_Static_assert(sizeof(tn_kv_move) == 24, "tn_kv_move");
_Static_assert(offsetof(tn_kv_move, src_page) == 0, "src_page");
_Static_assert(offsetof(tn_kv_move, src_first) == 4, "src_first");
_Static_assert(offsetof(tn_kv_move, dst_page) == 8, "dst_page");
_Static_assert(offsetof(tn_kv_move, dst_first) == 12, "dst_first");
_Static_assert(offsetof(tn_kv_move, n) == 16, "n");
_Static_assert(offsetof(tn_kv_move, rsv) == 20, "rsv");

_Static_assert(sizeof(tn_kv_rows) == 56, "tn_kv_rows");
_Static_assert(offsetof(tn_kv_rows, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_kv_rows, state) == 4, "state");
_Static_assert(offsetof(tn_kv_rows, page) == 8, "page");
_Static_assert(offsetof(tn_kv_rows, first) == 12, "first");
_Static_assert(offsetof(tn_kv_rows, n) == 16, "n");
_Static_assert(offsetof(tn_kv_rows, flags) == 20, "flags");
_Static_assert(offsetof(tn_kv_rows, k) == 24, "k");
_Static_assert(offsetof(tn_kv_rows, v) == 32, "v");
_Static_assert(offsetof(tn_kv_rows, k_bytes) == 40, "k_bytes");
_Static_assert(offsetof(tn_kv_rows, v_bytes) == 48, "v_bytes");

_Static_assert(sizeof(tn_weight_desc) == 56, "tn_weight_desc");
_Static_assert(offsetof(tn_weight_desc, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_weight_desc, flags) == 4, "flags");
_Static_assert(offsetof(tn_weight_desc, name) == 8, "name");
_Static_assert(offsetof(tn_weight_desc, tensor) == 16, "tensor");
_Static_assert(offsetof(tn_weight_desc, layout) == 24, "layout");
_Static_assert(offsetof(tn_weight_desc, data) == 32, "data");
_Static_assert(offsetof(tn_weight_desc, bytes) == 40, "bytes");
_Static_assert(offsetof(tn_weight_desc, cancel) == 48, "cancel");

_Static_assert(sizeof(tn_weight_report) == 48, "tn_weight_report");
_Static_assert(offsetof(tn_weight_report, struct_size) == 0, "struct_size");
_Static_assert(offsetof(tn_weight_report, n_weights) == 4, "n_weights");
_Static_assert(offsetof(tn_weight_report, borrowed_bytes) == 8, "borrowed_bytes");
_Static_assert(offsetof(tn_weight_report, packed_bytes) == 16, "packed_bytes");
_Static_assert(offsetof(tn_weight_report, uploaded_bytes) == 24, "uploaded_bytes");
_Static_assert(offsetof(tn_weight_report, pack_ns) == 32, "pack_ns");
_Static_assert(offsetof(tn_weight_report, upload_ns) == 40, "upload_ns");

_Static_assert(TN_TENSOR_OPTIONAL == 1, "TN_TENSOR_OPTIONAL");
_Static_assert(TN_OK == 0, "TN_OK");
_Static_assert(TN_ERR_INVALID == 1, "TN_ERR_INVALID");
_Static_assert(TN_ERR_UNSUPPORTED == 2, "TN_ERR_UNSUPPORTED");
_Static_assert(TN_ERR_OOM == 3, "TN_ERR_OOM");
_Static_assert(TN_ERR_DEVICE_LOST == 4, "TN_ERR_DEVICE_LOST");
_Static_assert(TN_ERR_IO == 5, "TN_ERR_IO");
_Static_assert(TN_ERR_CANCELLED == 6, "TN_ERR_CANCELLED");
_Static_assert(TN_ERR_VERSION == 7, "TN_ERR_VERSION");
_Static_assert(TN_ERR_NOT_FOUND == 8, "TN_ERR_NOT_FOUND");
_Static_assert(TN_ERR_TIMEOUT == 9, "TN_ERR_TIMEOUT");
_Static_assert(TN_ERR_INTERNAL == 10, "TN_ERR_INTERNAL");
_Static_assert(TN_KIND_OP == 1, "TN_KIND_OP");
_Static_assert(TN_KIND_DTYPE == 2, "TN_KIND_DTYPE");
_Static_assert(TN_KIND_LAYOUT == 3, "TN_KIND_LAYOUT");
_Static_assert(TN_LOG_DEBUG == 0, "TN_LOG_DEBUG");
_Static_assert(TN_LOG_INFO == 1, "TN_LOG_INFO");
_Static_assert(TN_LOG_WARN == 2, "TN_LOG_WARN");
_Static_assert(TN_LOG_ERROR == 3, "TN_LOG_ERROR");
_Static_assert(TN_LOG_PLUGIN_MISBEHAVING == 4, "TN_LOG_PLUGIN_MISBEHAVING");
_Static_assert(TN_LOG_HOST_MISBEHAVING == 5, "TN_LOG_HOST_MISBEHAVING");
_Static_assert(TN_ABI_MAJOR == 1, "TN_ABI_MAJOR");
_Static_assert(TN_NONE == 4294967295, "TN_NONE");
_Static_assert(TN_MUST_UNDERSTAND == 65535, "TN_MUST_UNDERSTAND");
_Static_assert(TN_CMD_COPY == 1, "TN_CMD_COPY");
_Static_assert(TN_CMD_FILL == 2, "TN_CMD_FILL");
_Static_assert(TN_CMD_WRITE == 3, "TN_CMD_WRITE");
_Static_assert(TN_CMD_READ == 4, "TN_CMD_READ");
_Static_assert(TN_CMD_EXECUTE == 5, "TN_CMD_EXECUTE");
_Static_assert(TN_CMD_KV_COPY == 6, "TN_CMD_KV_COPY");
_Static_assert(TN_CMD_KV_READ == 7, "TN_CMD_KV_READ");
_Static_assert(TN_CMD_KV_WRITE == 8, "TN_CMD_KV_WRITE");
_Static_assert(TN_DEVICE_HOST_MEMORY == 1, "TN_DEVICE_HOST_MEMORY");
_Static_assert(TN_DEVICE_SYNC_SUBMIT == 2, "TN_DEVICE_SYNC_SUBMIT");
_Static_assert(TN_DEVICE_KIND_CPU == 1, "TN_DEVICE_KIND_CPU");
_Static_assert(TN_DEVICE_KIND_GPU == 2, "TN_DEVICE_KIND_GPU");
_Static_assert(TN_HEAP_DEVICE_LOCAL == 1, "TN_HEAP_DEVICE_LOCAL");
_Static_assert(TN_HEAP_HOST_VISIBLE == 2, "TN_HEAP_HOST_VISIBLE");
_Static_assert(TN_HEAP_HOST_COHERENT == 4, "TN_HEAP_HOST_COHERENT");
_Static_assert(TN_USAGE_ACTIVATIONS == 1, "TN_USAGE_ACTIVATIONS");
_Static_assert(TN_MAP_READ == 1, "TN_MAP_READ");
_Static_assert(TN_MAP_WRITE == 2, "TN_MAP_WRITE");
_Static_assert(TN_COMPILE_SIZES == 1, "TN_COMPILE_SIZES");
_Static_assert(TN_QUEUE_COMPUTE == 0, "TN_QUEUE_COMPUTE");
_Static_assert(TN_ROLE_INPUT == 1, "TN_ROLE_INPUT");
_Static_assert(TN_ROLE_OUTPUT == 2, "TN_ROLE_OUTPUT");
_Static_assert(TN_ROLE_WEIGHT == 3, "TN_ROLE_WEIGHT");
_Static_assert(TN_ROLE_STATE == 4, "TN_ROLE_STATE");
_Static_assert(TN_ROLE_TEMP == 5, "TN_ROLE_TEMP");
_Static_assert(TN_ROLE_VIEW == 6, "TN_ROLE_VIEW");
_Static_assert(TN_SYM_STATIC == 0, "TN_SYM_STATIC");
_Static_assert(TN_SYM_ROWS == 1, "TN_SYM_ROWS");
_Static_assert(TN_SYM_OUT_ROWS == 2, "TN_SYM_OUT_ROWS");
_Static_assert(TN_SYM_SEQS == 3, "TN_SYM_SEQS");
_Static_assert(TN_SYM_END == 4, "TN_SYM_END");
_Static_assert(TN_SYM_COUNT == 5, "TN_SYM_COUNT");
_Static_assert(TN_SUPPORT_NO == 0, "TN_SUPPORT_NO");
_Static_assert(TN_SUPPORT_YES == 1, "TN_SUPPORT_YES");
_Static_assert(TN_MAX_RANK == 6, "TN_MAX_RANK");
_Static_assert(TN_ELEMENTWISE_BROADCAST == 1, "TN_ELEMENTWISE_BROADCAST");
_Static_assert(TN_ROPE_HALVES == 1, "TN_ROPE_HALVES");
_Static_assert(TN_ROPE_FACTORS == 2, "TN_ROPE_FACTORS");
_Static_assert(TN_ROPE_YARN == 4, "TN_ROPE_YARN");
_Static_assert(TN_ROPE_PARTIAL == 8, "TN_ROPE_PARTIAL");
_Static_assert(TN_ROPE_SCALED == 16, "TN_ROPE_SCALED");
_Static_assert(TN_ROPE_SELECT == 32, "TN_ROPE_SELECT");
_Static_assert(TN_ATTENTION_WINDOW == 1, "TN_ATTENTION_WINDOW");
_Static_assert(TN_ATTENTION_SOFTCAP == 2, "TN_ATTENTION_SOFTCAP");
_Static_assert(TN_ATTENTION_SINKS == 4, "TN_ATTENTION_SINKS");
_Static_assert(TN_CPU_MAX_PHASES == 8, "TN_CPU_MAX_PHASES");
_Static_assert(TN_CPU_PHASE_REDUNDANT == 1, "TN_CPU_PHASE_REDUNDANT");
_Static_assert(TN_STATE_KV == 1, "TN_STATE_KV");
_Static_assert(TN_PAGE_POSITIONS == 64, "TN_PAGE_POSITIONS");
_Static_assert(TN_WEIGHT_BORROW_OK == 65536, "TN_WEIGHT_BORROW_OK");
