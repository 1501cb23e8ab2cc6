// guarded(): the border of the interpreter; beyond it errors are values (ADR 0018).
#pragma once

#include <fmt/format.h>

#include <new>

#include "framework/jinja/runtime.hpp"

namespace tenon::jinja {

// What `work` returns, or why it could not. Messages are one line and name that of the template.
template <class Work>
auto guarded(const Limits& limits, StopFn stop, Work work)
    -> Result<decltype(work(std::declval<Runtime&>()))> {
  int line = 0;
  try {
    Runtime rt(limits, std::move(stop));
    struct Lines {  // keeps the line when the Runtime is gone
      Runtime& rt;
      int& line;
      ~Lines() { line = rt.line(); }
    } lines{rt, line};
    return work(rt);
  } catch (const Failure& why) {
    if (why.code != ErrorCode::model) return fail(why.code, why.message);
    return fail(ErrorCode::model,
                one_line(fmt::format("chat template line {}: {}", line, why.message)));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit, "chat template: the system has no memory left");
  }
}

}  // namespace tenon::jinja
