// Parsing of place rules, and what they say of a graph.
#include "framework/placement/place_rules.hpp"

#include <algorithm>
#include <array>

namespace tenon {
namespace {

struct PartName {
  std::string_view name;
  ModelPart part;
  bool numbered;
};
// The first name of a part is the one that is written.
constexpr std::array<PartName, 7> k_parts = {{{"layers", ModelPart::layers, true},
                                              {"layer", ModelPart::layers, true},
                                              {"embed", ModelPart::embed, false},
                                              {"output", ModelPart::output, false},
                                              {"rest", ModelPart::rest, false},
                                              {"nodes", ModelPart::nodes, true},
                                              {"node", ModelPart::nodes, true}}};
constexpr std::size_t k_max_digits = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool ends_device(char c) { return c == ',' || c == '=' || is_blank(c); }

bool overlap(const PlaceRule& a, const PlaceRule& b) {
  return a.part == b.part && a.first <= b.last && b.first <= a.last;
}

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  Result<std::vector<PlaceRule>> run() {
    for (;;) {
      if (Status s = rule(); !s) return fail(s);
      if (at_ == text_.size()) return std::move(rules_);
      if (!take(',')) return expected("a comma or the end");
    }
  }

 private:
  Status rule() {
    skip_blanks();
    const std::size_t start = at_;
    const std::string word = take_while(is_letter);
    const auto known = std::ranges::find(k_parts, word, &PartName::name);
    if (known == k_parts.end())
      return expected_at(start, "\"layers\", \"embed\", \"output\", \"nodes\" or \"rest\"");
    PlaceRule rule{known->part, {}};
    if (known->numbered)
      if (Status s = range(rule); !s) return s;
    if (std::ranges::any_of(rules_, [&](const PlaceRule& other) { return overlap(rule, other); }))
      return expected_at(start, "a part that no rule before has placed");
    if (!take('=')) return expected("\"=\"");
    if (Status s = device(rule); !s) return s;
    rules_.push_back(std::move(rule));
    return {};
  }

  Status range(PlaceRule& rule) {
    if (Status s = number(rule.first); !s) return s;
    rule.last = rule.first;
    if (!take('-')) return {};
    const std::size_t start = at_;
    if (Status s = number(rule.last); !s) return s;
    if (rule.last < rule.first)
      return expected_at(start, "a number from " + std::to_string(rule.first));
    return {};
  }

  Status number(std::uint32_t& value) {
    skip_blanks();
    const std::size_t start = at_;
    const std::string digits = take_while(is_digit);
    if (digits.empty() || digits.size() > k_max_digits)
      return expected_at(start, "a number of at most " + std::to_string(k_max_digits) + " digits");
    value = static_cast<std::uint32_t>(std::stoul(digits));
    skip_blanks();
    return {};
  }

  Status device(PlaceRule& rule) {
    skip_blanks();
    const std::size_t start = at_;
    const auto spec = parse_backend(take_while([](char c) { return !ends_device(c); }));
    if (!spec || spec->automatic())
      return expected_at(start, "a device by its name, as NAME or NAME/INDEX");
    rule.device = *spec;
    skip_blanks();
    return {};
  }

  template <class Is>
  std::string take_while(Is is) {
    const std::size_t start = at_;
    while (at_ < text_.size() && is(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }
  void skip_blanks() { take_while(is_blank); }
  bool take(char c) {
    skip_blanks();
    const bool found = at_ < text_.size() && text_[at_] == c;
    at_ += found ? 1 : 0;
    return found;
  }

  tl::unexpected<Error> expected(const std::string& what) const { return expected_at(at_, what); }
  tl::unexpected<Error> expected_at(std::size_t at, const std::string& what) const {
    const std::string found = at == text_.size()
                                  ? "the end"
                                  : "\"" + text_.substr(at, text_.find(',', at + 1) - at) + "\"";
    return fail(ErrorCode::usage,
                "placement \"" + text_ + "\", character " + std::to_string(at + 1) + ": expected " +
                    what + ", found " + found,
                Setting::backend);
  }

  const std::string& text_;
  std::size_t at_ = 0;
  std::vector<PlaceRule> rules_;
};

std::string to_string(const PlaceRule& rule) {
  const auto& name = *std::ranges::find(k_parts, rule.part, &PartName::part);
  std::string text(name.name);
  if (name.numbered) text += " " + std::to_string(rule.first);
  if (name.numbered && rule.last != rule.first) text += "-" + std::to_string(rule.last);
  return text + "=" + to_string(rule.device);
}

// The part of a node without a layer, by whether a layer has begun before it.
bool names(const PlaceRule& rule, const Node& node, std::uint32_t number, bool begun) {
  const bool layered = node.layer != TN_NONE;
  switch (rule.part) {
    case ModelPart::rest:
      return true;
    case ModelPart::embed:
      return !layered && !begun;
    case ModelPart::output:
      return !layered && begun;
    case ModelPart::layers:
      return layered && node.layer >= rule.first && node.layer <= rule.last;
    case ModelPart::nodes:
      return number >= rule.first && number <= rule.last;
  }
  return false;
}

Status check_range(const PlaceRule& rule, ModelPart part, std::size_t n) {
  if (rule.part != part || rule.last < n) return {};
  return fail(ErrorCode::usage,
              "placement \"" + to_string(rule) + "\": this model has the " +
                  (part == ModelPart::layers ? "layers" : "nodes") + " 0 to " +
                  std::to_string(n - 1),
              Setting::backend);
}

}  // namespace

Result<std::vector<PlaceRule>> parse_place(const std::string& text) { return Parser(text).run(); }

std::string to_string(std::span<const PlaceRule> rules) {
  std::string text;
  for (const PlaceRule& rule : rules) text += (text.empty() ? "" : ", ") + to_string(rule);
  return text;
}

std::uint32_t count_layers(const Graph& graph) {
  std::uint32_t n = 0;
  for (const Node& node : graph.nodes)
    if (node.layer != TN_NONE) n = std::max(n, node.layer + 1);
  return n;
}

std::vector<PlaceRule> split_layers(std::uint32_t n_layers, std::uint32_t n, std::uint32_t other) {
  if (n >= n_layers) return {{ModelPart::rest, {}}};
  if (n == 0) return {{ModelPart::rest, {}, 0, 0, other}};
  return {{ModelPart::layers, {}, n_layers - n, n_layers - 1, 0},
          {ModelPart::output, {}},
          {ModelPart::rest, {}, 0, 0, other}};
}

Result<std::vector<std::uint32_t>> wanted_targets(const Graph& graph,
                                                  std::span<const PlaceRule> rules) {
  const std::uint32_t n_layers = count_layers(graph);
  for (const PlaceRule& rule : rules) {
    if (Status s = check_range(rule, ModelPart::layers, n_layers); !s) return fail(s);
    if (Status s = check_range(rule, ModelPart::nodes, graph.nodes.size()); !s) return fail(s);
  }
  std::vector<std::uint32_t> wanted(graph.nodes.size(), 0);
  bool begun = false;
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    begun = begun || node.layer != TN_NONE;
    const PlaceRule* narrowest = nullptr;  // the parts are in this order
    for (const PlaceRule& rule : rules)
      if (names(rule, node, n, begun) && (narrowest == nullptr || rule.part > narrowest->part))
        narrowest = &rule;
    if (narrowest != nullptr) wanted[n] = narrowest->target;
  }
  return wanted;
}

}  // namespace tenon
