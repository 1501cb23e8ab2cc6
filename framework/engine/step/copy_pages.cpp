// One command for each group and device, one submission for each device.
#include "framework/engine/step/copy_pages.hpp"

#include <map>

namespace tenon {
namespace {

using MovesOfGroups = std::map<std::uint32_t, std::vector<tn_kv_move>>;

Status copy_on(DeviceQueue& queue, tn_kv* kv, const MovesOfGroups& moves) {
  std::vector<tn_cmd_kv_copy> commands;
  for (const auto& [group, of_group] : moves)
    commands.push_back({{sizeof(tn_cmd_kv_copy), TN_CMD_KV_COPY},
                        kv,
                        of_group.data(),
                        static_cast<std::uint32_t>(of_group.size()),
                        group});
  std::vector<const tn_cmd*> heads;
  for (const tn_cmd_kv_copy& c : commands) heads.push_back(&c.head);
  if (Status s = queue.submit(heads, nullptr); !s) return s;
  return queue.wait();
}

}  // namespace

Status copy_pages(GraphContext& context, std::span<const PageCopy> copies) {
  if (copies.empty()) return {};
  MovesOfGroups moves;
  for (const PageCopy& c : copies)
    moves[c.group].push_back({static_cast<std::uint32_t>(c.from), 0,
                              static_cast<std::uint32_t>(c.to), 0, TN_PAGE_POSITIONS, 0});
  for (std::size_t d = 0; d < context.kv.size(); ++d) {
    if (!context.kv[d]) continue;
    if (Status s = copy_on(context.queues[d], context.kv[d].get(), moves); !s) return s;
  }
  return {};
}

}  // namespace tenon
