#include "platform/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

namespace landauer {
namespace {

constexpr std::string_view kBlank = " \t\r\n\v\f";
constexpr int kLargestCpu = 65535;
constexpr std::size_t kMostCpus = std::size_t{1} << 17U;

std::optional<std::int64_t> parse_whole(std::string_view text, int base) noexcept {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value, base);
    if (text.empty() || error != std::errc() || stopped != end) {
        return std::nullopt;
    }
    return value;
}

std::optional<int> parse_cpu(std::string_view text) noexcept {
    const auto value = parse_integer(text);
    if (!value || *value < 0 || *value > kLargestCpu) {
        return std::nullopt;
    }
    return static_cast<int>(*value);
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view next_line(std::string_view& rest) noexcept {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

std::string_view next_word(std::string_view& rest) noexcept {
    const std::size_t begin = std::min(rest.find_first_not_of(" \t"), rest.size());
    const std::size_t end = std::min(rest.find_first_of(" \t", begin), rest.size());
    const std::string_view word = rest.substr(begin, end - begin);
    rest.remove_prefix(end);
    return word;
}

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept { return parse_whole(trim(text), 10); }

std::optional<std::int64_t> parse_hexadecimal(std::string_view text) noexcept {
    text = trim(text);
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
    }
    return text.starts_with('-') ? std::nullopt : parse_whole(text, 16);
}

std::optional<double> parse_real(std::string_view text) noexcept {
    text = trim(text);
    double value = 0.0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc() || stopped != end || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

std::string_view value_of_key(std::string_view text, std::string_view key) noexcept {
    while (!text.empty()) {
        const std::string_view line = next_line(text);
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ':') {
            return trim(line.substr(key.size() + 1));
        }
    }
    return {};
}

std::vector<int> parse_cpu_list(std::string_view text) {
    std::vector<int> cpus;
    text = trim(text);
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view part = text.substr(0, comma);
        const std::size_t dash = part.find('-');
        const auto first = parse_cpu(part.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : parse_cpu(part.substr(dash + 1));
        // Ranges that overlap again and again are no kernel's, and would grow without bound.
        if (!first || !last || *last < *first || cpus.size() > kMostCpus) {
            return {};
        }
        for (int cpu = *first; cpu <= *last; ++cpu) {
            cpus.push_back(cpu);
        }
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    std::sort(cpus.begin(), cpus.end());
    cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
    return cpus;
}

std::string format_cpu_list(const std::vector<int>& cpus) {
    std::string text;
    for (std::size_t first = 0; first < cpus.size();) {
        std::size_t last = first;
        while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) {
            ++last;
        }
        text += text.empty() ? "" : ",";
        text += std::to_string(cpus[first]);
        text += last == first ? "" : "-" + std::to_string(cpus[last]);
        first = last + 1;
    }
    return text;
}

}  // namespace landauer
