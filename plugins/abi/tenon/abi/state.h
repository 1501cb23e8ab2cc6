/* tenon/abi/state.h - what lives from step to step: states, their pools, and rows of them. The host
 * owns pages and block tables; the device owns the pools and how rows lie in them. */
#ifndef TENON_ABI_STATE_H
#define TENON_ABI_STATE_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_PAGE_POSITIONS 64 /* positions in a page, in the slots and op texts of revision 1 */

typedef struct tn_kv tn_kv; /* all states of one model on one device */

enum { TN_STATE_KV = 1 /* paged keys and values; another kind: TN_ERR_UNSUPPORTED */ };

/* States whose rows live equally long form a group: they share block tables and page ids, so that a
 * page of a group is one thing in all its states. A device may lay them side by side. */
typedef struct tn_state_desc {
  uint32_t struct_size, kind;
  uint32_t id;    /* what tn_tensor.state names; chosen by the architecture, often the layer */
  uint32_t group; /* 0 .. n_groups-1 */
  uint32_t n_kv_heads, dk, dv;
  tn_id dtype, layout; /* layout 0: the slot's own */
  uint32_t flags;
  int64_t window; /* positions that a row reads at most, its own included; 0: all */
} tn_state_desc;

typedef struct tn_kv_desc {
  uint32_t struct_size, flags, n_states, state_stride;
  const tn_state_desc* states;
  const uint64_t* n_pages;           /* of each group's pool */
  uint32_t n_groups, page_positions; /* 64; another number: TN_ERR_UNSUPPORTED */
} tn_kv_desc;

/* n rows of a page to another place of the same group; ranges within a page. frozen */
typedef struct tn_kv_move {
  uint32_t src_page, src_first, dst_page, dst_first, n, rsv;
} tn_kv_move;

/* Rows first .. first+n-1 of one page of one state in host memory: dense (n_kv_heads, n, d) in the
 * stored dtype; q8_0: the int8 values, then (no gap) the f16 scales (n_kv_heads, n, ceil(d/32)).
 * A dtype of later revisions may admit whole pages only. */
typedef struct tn_kv_rows {
  uint32_t struct_size, state, page, first, n, flags;
  void* k;
  void* v;
  uint64_t k_bytes, v_bytes; /* capacity; TN_ERR_INVALID if too small */
} tn_kv_rows;

#ifdef __cplusplus
}
#endif
#endif
