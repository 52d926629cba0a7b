#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "plan/plan.h"

namespace landauer {
namespace {

constexpr const char* kSyntax = "Write numbers as 512, as a list 128,256, or as a range 0-512+128 or 16-256*2.";
constexpr std::size_t kMostValues = 10'000;

tl::unexpected<Error> bad_list(std::string_view text) {
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is not a list of whole numbers.", text), kSyntax);
}

// Takes a non-negative integer off the front of `text`.
bool take_int(std::string_view& text, std::int32_t& value) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || value < 0) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool take_char(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

// "a", "a-b", "a-b+step" or "a-b*factor", appended to `out`.
bool append_range(std::string_view part, std::vector<std::int32_t>& out) {
    std::int32_t first = 0;
    if (!take_int(part, first)) {
        return false;
    }
    std::int32_t last = first;
    std::int32_t step = 1;
    bool multiply = false;
    if (take_char(part, '-')) {
        if (!take_int(part, last) || last < first) {
            return false;
        }
        if (take_char(part, '+')) {
            if (!take_int(part, step) || step == 0) {
                return false;
            }
        } else if (take_char(part, '*')) {
            multiply = true;
            if (!take_int(part, step) || step < 2 || first == 0) {
                return false;
            }
        }
    }
    if (!part.empty()) {
        return false;
    }
    for (std::int64_t value = first; value <= last; value = multiply ? value * step : value + step) {
        if (out.size() == kMostValues) {
            return false;
        }
        out.push_back(static_cast<std::int32_t>(value));
    }
    return true;
}

}  // namespace

Result<std::vector<std::int32_t>> parse_int_list(std::string_view text) {
    std::vector<std::int32_t> values;
    std::string_view rest = text;
    do {
        const std::size_t comma = rest.find(',');
        if (!append_range(rest.substr(0, comma), values)) {
            return bad_list(text);
        }
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        if (comma != std::string_view::npos && rest.empty()) {
            return bad_list(text);
        }
    } while (!rest.empty());
    return values;
}

Result<GridTest> parse_pair(std::string_view text) {
    std::string_view rest = text;
    GridTest test;
    if (!take_int(rest, test.n_prompt) || !take_char(rest, ',') || !take_int(rest, test.n_gen) || !rest.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("\"{}\" is not a pair of prompt and generated tokens.", text),
                    "Write it as -pg 512,128.");
    }
    return test;
}

std::vector<GridTest> grid_tests(const GridLists& lists) {
    std::vector<GridTest> shapes;
    shapes.reserve(lists.n_prompt.size() + lists.n_gen.size() + lists.pairs.size());
    for (const std::int32_t n : lists.n_prompt) {
        shapes.push_back({n, 0, 0});
    }
    for (const std::int32_t n : lists.n_gen) {
        shapes.push_back({0, n, 0});
    }
    shapes.insert(shapes.end(), lists.pairs.begin(), lists.pairs.end());
    std::vector<GridTest> tests;
    for (const std::int32_t depth : lists.n_depth.empty() ? std::vector<std::int32_t>{0} : lists.n_depth) {
        for (const GridTest& shape : shapes) {
            const GridTest test{shape.n_prompt, shape.n_gen, depth};
            const bool runs_nothing = test.n_prompt + test.n_gen == 0;  // llama-bench's way to switch one off
            if (!runs_nothing && std::find(tests.begin(), tests.end(), test) == tests.end()) {
                tests.push_back(test);
            }
        }
    }
    return tests;
}

std::string GridTest::name() const {
    std::string test;
    if (n_prompt > 0) {
        test = fmt::format("pp{}", n_prompt);
    }
    if (n_gen > 0) {
        test += fmt::format("{}tg{}", test.empty() ? "" : "+", n_gen);
    }
    return n_depth > 0 ? fmt::format("{} @ d{}", test, n_depth) : test;
}

}  // namespace landauer
