/* tenon/abi/sizes_1_0.h - sizes of all structs in minor 0: what struct_size and strides are compared
 * with; and which draft of minor 0 this is. Made by tests/abi/gen_layout.py. */
#ifndef TENON_ABI_SIZES_1_0_H
#define TENON_ABI_SIZES_1_0_H

/* Goes into the manifest, and away when 1.0 is frozen. */
#define TN_ABI_DRAFT "d02362cb757e13cf"

enum {
  TN_SIZE_1_0_tn_meta = 72,
  TN_SIZE_1_0_tn_declare = 40,
  TN_SIZE_1_0_tn_builder = 88,
  TN_SIZE_1_0_tn_build_req = 8,
  TN_SIZE_1_0_tn_arch_desc = 56,
  TN_SIZE_1_0_tn_arch_factory = 16,
  TN_SIZE_1_0_tn_host = 56,
  TN_SIZE_1_0_tn_plugin = 56,
  TN_SIZE_1_0_tn_point = 16,
  TN_SIZE_1_0_tn_cmd = 8,
  TN_SIZE_1_0_tn_cmd_copy = 48,
  TN_SIZE_1_0_tn_cmd_fill = 40,
  TN_SIZE_1_0_tn_cmd_write = 40,
  TN_SIZE_1_0_tn_cmd_read = 40,
  TN_SIZE_1_0_tn_binding = 16,
  TN_SIZE_1_0_tn_cmd_execute = 56,
  TN_SIZE_1_0_tn_cmd_kv_copy = 32,
  TN_SIZE_1_0_tn_cmd_kv_rows = 32,
  TN_SIZE_1_0_tn_submit = 64,
  TN_SIZE_1_0_tn_device_info = 64,
  TN_SIZE_1_0_tn_backend_opts = 8,
  TN_SIZE_1_0_tn_open_opts = 16,
  TN_SIZE_1_0_tn_heap = 48,
  TN_SIZE_1_0_tn_compile_opts = 24,
  TN_SIZE_1_0_tn_plan_info = 16,
  TN_SIZE_1_0_tn_device_api = 200,
  TN_SIZE_1_0_tn_backend_factory = 64,
  TN_SIZE_1_0_tn_tensor = 176,
  TN_SIZE_1_0_tn_node = 72,
  TN_SIZE_1_0_tn_subgraph = 72,
  TN_SIZE_1_0_tn_node_query = 40,
  TN_SIZE_1_0_tn_op_decl = 40,
  TN_SIZE_1_0_tn_support = 16,
  TN_SIZE_1_0_tn_kernel_desc = 88,
  TN_SIZE_1_0_tn_layout_desc = 56,
  TN_SIZE_1_0_tn_kernel_factory = 32,
  TN_SIZE_1_0_tn_scale_params = 8,
  TN_SIZE_1_0_tn_softcap_params = 8,
  TN_SIZE_1_0_tn_top_k_params = 8,
  TN_SIZE_1_0_tn_norm_params = 8,
  TN_SIZE_1_0_tn_rope_params = 32,
  TN_SIZE_1_0_tn_attention_params = 24,
  TN_SIZE_1_0_tn_cpu_work = 120,
  TN_SIZE_1_0_tn_cpu_kv = 64,
  TN_SIZE_1_0_tn_cpu_args = 56,
  TN_SIZE_1_0_tn_cpu_kernel = 32,
  TN_SIZE_1_0_tn_state_desc = 48,
  TN_SIZE_1_0_tn_kv_desc = 40,
  TN_SIZE_1_0_tn_kv_move = 24,
  TN_SIZE_1_0_tn_kv_rows = 56,
  TN_SIZE_1_0_tn_weight_desc = 56,
  TN_SIZE_1_0_tn_weight_report = 48
};

#endif
