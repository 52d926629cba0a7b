#include "plan/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <utility>

namespace landauer {
namespace {

constexpr const char* kFormats =
    "Give a CSV whose first line is n_prompt,n_gen,count, or a server's log with one JSON object a line that holds "
    "usage.prompt_tokens and usage.completion_tokens.";
constexpr int kDeepest = 16;

// Tokens of prompt and answer -> how often.
using Counts = std::map<std::pair<double, double>, double>;

tl::unexpected<Error> bad(std::string_view source, int line, const std::string& what) {
    return fail(ErrorKind::Invalid, fmt::format("{}, line {}: {}.", source, line, what), kFormats);
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        out.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

std::vector<std::string_view> cells_of(std::string_view line) {
    std::vector<std::string_view> out;
    while (true) {
        const std::size_t end = line.find(',');
        std::string_view cell = line.substr(0, end);
        while (!cell.empty() && (cell.front() == ' ' || cell.front() == '"')) cell.remove_prefix(1);
        while (!cell.empty() && (cell.back() == ' ' || cell.back() == '"')) cell.remove_suffix(1);
        out.push_back(cell);
        if (end == std::string_view::npos) return out;
        line.remove_prefix(end + 1);
    }
}

std::optional<double> number_of(std::string_view cell) {
    double value = 0.0;
    const char* const end = cell.data() + cell.size();
    const auto [stop, problem] = std::from_chars(cell.data(), end, value);
    const bool whole = problem == std::errc() && stop == end && std::isfinite(value) && value >= 0.0;
    return whole ? std::optional(value) : std::nullopt;
}

std::optional<std::size_t> column_of(const std::vector<std::string_view>& header, std::string_view name) {
    const auto found = std::find(header.begin(), header.end(), name);
    return found == header.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - header.begin()));
}

Result<Counts> read_histogram(const std::vector<std::string_view>& lines, std::string_view source) {
    const std::vector<std::string_view> header = cells_of(lines.front());
    const auto prompt = column_of(header, "n_prompt");
    const auto gen = column_of(header, "n_gen");
    const auto count = column_of(header, "count");
    if (!prompt || !gen) {
        return bad(source, 1, "no columns n_prompt and n_gen");
    }
    Counts out;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (is_blank(lines[i])) {
            continue;
        }
        const int line = static_cast<int>(i) + 1;
        const std::vector<std::string_view> cells = cells_of(lines[i]);
        if (cells.size() != header.size()) {
            return bad(source, line, fmt::format("{} cells where the header has {}", cells.size(), header.size()));
        }
        const auto n_prompt = number_of(cells[*prompt]);
        const auto n_gen = number_of(cells[*gen]);
        const auto times = count ? number_of(cells[*count]) : std::optional(1.0);
        if (!n_prompt || !n_gen || !times) {
            return bad(source, line, "a number from 0 up is expected in each cell");
        }
        out[{*n_prompt, *n_gen}] += *times;
    }
    return out;
}

std::optional<double> count_in(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

// The first object at any depth that tells both counts.
std::optional<std::pair<double, double>> counts_in(const nlohmann::json& json, int depth = 0) {
    if (!json.is_structured() || depth > kDeepest) {
        return std::nullopt;
    }
    if (json.is_object()) {
        for (const auto& [prompt, gen] :
             {std::pair{"prompt_tokens", "completion_tokens"}, std::pair{"input_tokens", "output_tokens"},
              std::pair{"prompt_n", "predicted_n"}, std::pair{"n_prompt", "n_gen"}}) {
            const auto n_prompt = count_in(json, prompt);
            const auto n_gen = count_in(json, gen);
            if (n_prompt && n_gen) {
                return std::pair(*n_prompt, *n_gen);
            }
        }
    }
    for (const auto& part : json) {
        if (const auto found = counts_in(part, depth + 1)) {
            return found;
        }
    }
    return std::nullopt;
}

Result<Counts> read_log(const std::vector<std::string_view>& lines, std::string_view source, int& n_skipped) {
    Counts out;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (is_blank(lines[i])) {
            continue;
        }
        // A server's own words before the object are passed over.
        const std::size_t open = lines[i].find('{');
        const auto json = open == std::string_view::npos ? nlohmann::json()
                                                         : nlohmann::json::parse(lines[i].substr(open), nullptr, false);
        const auto counts = json.is_object() ? counts_in(json) : std::nullopt;
        if (!counts) {
            ++n_skipped;
            continue;
        }
        if (counts->first < 0.0 || counts->second < 0.0) {
            return bad(source, static_cast<int>(i) + 1, "a count of tokens below 0");
        }
        out[*counts] += 1.0;
    }
    return out;
}

}  // namespace

double Workload::n_requests() const {
    return std::accumulate(requests.begin(), requests.end(), 0.0,
                           [](double sum, const TokenCounts& request) { return sum + request.count; });
}

Result<Workload> parse_workload(std::string_view text, std::string_view source) {
    const std::vector<std::string_view> lines = lines_of(text);
    if (std::all_of(lines.begin(), lines.end(), is_blank)) {
        return fail(ErrorKind::Invalid, fmt::format("{} is empty.", source), kFormats);
    }
    Workload out;
    const bool is_log = text.find('{') != std::string_view::npos;
    out.kind = is_log ? "log" : "histogram";
    const auto counts = is_log ? read_log(lines, source, out.n_skipped) : read_histogram(lines, source);
    if (!counts) {
        return tl::unexpected(counts.error());
    }
    for (const auto& [tokens, count] : *counts) {
        if (count > 0.0) {
            out.requests.push_back({tokens.first, tokens.second, count});
        }
    }
    if (out.requests.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("{} tells no token counts.", source), kFormats);
    }
    return out;
}

Result<Workload> read_workload(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return fail(ErrorKind::Invalid, fmt::format("{} cannot be read.", file.string()), kFormats);
    }
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return parse_workload(text, file.filename().string());
}

}  // namespace landauer
