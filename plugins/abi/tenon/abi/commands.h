/* tenon/abi/commands.h - work for a device: timelines, commands and submissions. */
#ifndef TENON_ABI_COMMANDS_H
#define TENON_ABI_COMMANDS_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tn_buffer tn_buffer;
typedef struct tn_timeline tn_timeline;
typedef struct tn_plan tn_plan;

/* A moment of a timeline of this device. frozen */
typedef struct tn_point {
  tn_timeline* timeline;
  uint64_t value; /* rises by less than 2^31 from one to the next */
} tn_point;

enum {
  TN_CMD_COPY = 1,
  TN_CMD_FILL = 2,
  TN_CMD_WRITE = 3,
  TN_CMD_READ = 4,
  TN_CMD_EXECUTE = 5,
  TN_CMD_KV_COPY = 6,
  TN_CMD_KV_READ = 7,
  TN_CMD_KV_WRITE = 8
};
typedef struct tn_cmd { /* the head of every command, of which it holds the size. frozen */
  uint32_t struct_size, type;
} tn_cmd;

/* Offsets and sizes of COPY, FILL, WRITE and READ are multiples of 4, sizes are not 0, and source
 * and destination do not overlap. */
typedef struct tn_cmd_copy {
  tn_cmd head;
  tn_buffer* src;
  uint64_t src_offset;
  tn_buffer* dst;
  uint64_t dst_offset, size;
} tn_cmd_copy;

typedef struct tn_cmd_fill {
  tn_cmd head;
  tn_buffer* dst;
  uint64_t offset, size;
  uint32_t pattern, rsv;
} tn_cmd_fill;

/* src holds its bytes when submit is called and keeps them until the signal: it may be copied at
 * once or later. */
typedef struct tn_cmd_write {
  tn_cmd head;
  const void* src;
  tn_buffer* dst;
  uint64_t offset, size;
} tn_cmd_write;

/* dst is filled when query or wait has shown the signal. */
typedef struct tn_cmd_read {
  tn_cmd head;
  tn_buffer* src;
  uint64_t offset, size;
  void* dst;
} tn_cmd_read;

typedef struct tn_binding { /* offset: a multiple of max(64, the alignment of the heap). frozen */
  tn_buffer* buffer;
  uint64_t offset;
} tn_binding;

/* Hosts normally execute a plan with the same bindings; a device may record for them. */
typedef struct tn_cmd_execute {
  tn_cmd head;
  tn_plan* plan;
  tn_kv* kv; /* NULL for plans without state */
  const tn_binding* bindings;
  const int64_t* syms;
  uint32_t n_bindings, n_syms;
  /* NULL, or one entry per node of the subgraph, filled like READ: measured time; 0: not measured
   * by itself. A dispatch that serves several nodes is charged to the first; measuring may slow
   * the work. */
  uint64_t* node_ns;
} tn_cmd_execute;

/* Moves rows of all states of a group, one move after another. */
typedef struct tn_cmd_kv_copy {
  tn_cmd head;
  tn_kv* kv;
  const tn_kv_move* moves;
  uint32_t n_moves, group;
} tn_cmd_kv_copy;

/* KV_READ: pools to host memory, as READ; KV_WRITE: the other way, as WRITE. */
typedef struct tn_cmd_kv_rows {
  tn_cmd head;
  tn_kv* kv;
  const tn_kv_rows* rows;
  uint32_t n_rows, stride;
} tn_cmd_kv_rows;

/* Commands run in order, after every wait, before any signal.
 *  - submit refuses or accepts. Anything but TN_OK: refused; nothing waits, runs or signals, no
 *    timeline changes. What fails later is seen through timelines only: a failure poisons those
 *    that the submission signals, and query and wait return its status from then on, with
 *    set_error on the calling thread. Work that waits for a poisoned timeline fails with the same
 *    status; it may run all the same, its results are undefined. The device and its queues go on
 *    with new timelines.
 *  - No wait before signal: a waited value has been reached, or a submission accepted before will
 *    signal it.
 *  - A queue is in order: a submission starts when the one before it on the queue has ended.
 *    Queues are ordered by timelines only; a wait makes everything written before the signal
 *    visible. Two executions of one plan are never in flight unordered: its scratch is one.
 *  - The submission and its arrays are copied by submit; every handle in it outlives the signal.
 *  - cancel is a hint: polled where the device can (between nodes, between the parts it submits); a
 *    device that cannot ends as usual. It is read as a relaxed atomic and outlives the signal. A
 *    cancelled submission signals, and *result says TN_ERR_CANCELLED; its outputs and the rows of
 *    state it wrote are undefined. */
typedef struct tn_submit {
  uint32_t struct_size, flags;
  const tn_point* waits;
  const tn_point* signals; /* values above what the timelines have reached or will reach */
  const tn_cmd* const* cmds;
  uint32_t n_waits, n_signals, n_cmds, rsv;
  const uint32_t* cancel; /* NULL: cannot be cancelled */
  tn_status* result;      /* NULL, or filled like READ: TN_OK, TN_ERR_CANCELLED or the failure */
} tn_submit;

#ifdef __cplusplus
}
#endif
#endif
