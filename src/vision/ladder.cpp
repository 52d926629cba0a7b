// Sizes to measure at.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "vision/vision.h"

namespace landauer {
namespace {

constexpr double kBelow = -4.0;  // octaves of pixels from the knee to the ladder's ends, and of its dense part
constexpr double kAbove = 2.0;
constexpr double kDense = 1.0;
constexpr double kLeastPx = 0.05e6;  // without a knee
constexpr double kMostPx = 4e6;
constexpr std::int64_t kMostImagePx = 1LL << 28;

std::int32_t even(double side) {
    return static_cast<std::int32_t>(std::max<std::int64_t>(1, std::llround(side / 2.0))) * 2;
}

ImageSize size_of(double pixels, double aspect) {
    return {even(std::sqrt(pixels * aspect)), even(std::sqrt(pixels / aspect))};
}

// `n` steps from `from` (left out) to `to`.
void add_steps(std::vector<double>& octaves, double from, double to, int n) {
    for (int i = 1; i <= n; ++i) octaves.push_back(from + (to - from) * i / n);
}

// Octaves round the knee: a third of them within one octave of it.
std::vector<double> octaves_round_knee(int n) {
    const int dense = std::max(1, (n + 1) / 3);
    const int rest = n - dense;
    const int above = std::clamp(
        static_cast<int>(std::lround(rest * (kAbove - kDense) / (kAbove - kBelow - 2 * kDense))), 1, rest - 1);
    std::vector<double> octaves;
    add_steps(octaves, -kDense, kBelow, rest - above);
    add_steps(octaves, kDense, kAbove, above);
    for (int i = 0; i < dense; ++i) octaves.push_back(dense == 1 ? 0.0 : kDense * (2.0 * i / (dense - 1) - 1.0));
    std::sort(octaves.begin(), octaves.end());
    return octaves;
}

std::vector<double> pixels_of_ladder(const std::optional<Knee>& knee, int n) {
    std::vector<double> pixels;
    if (knee) {
        for (const double octave : octaves_round_knee(n)) pixels.push_back(knee->pixels * std::exp2(octave));
        return pixels;
    }
    for (int i = 0; i < n; ++i) pixels.push_back(kLeastPx * std::pow(kMostPx / kLeastPx, i / (n - 1.0)));
    return pixels;
}

bool read_number(std::string_view& text, std::int32_t& value) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || value < 1) return false;
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    return true;
}

Result<ImageSize> parse_resolution(std::string_view item, double aspect) {
    ImageSize size;
    std::string_view rest = item;
    bool good = read_number(rest, size.width);
    if (good && (rest == "p" || rest == "P")) {
        size.height = size.width;
        const double width = size.height * aspect;
        good = width <= static_cast<double>(kMostImagePx);
        size.width = good ? even(width) : 0;
    } else {
        good = good && rest.starts_with('x');
        if (good) rest.remove_prefix(1);
        good = good && read_number(rest, size.height) && rest.empty();
    }
    if (!good) {
        return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no image size.", item),
                    "Write sizes as 1280x720, or as a height like 720p, separated by commas.");
    }
    if (size.pixels() <= kMostImagePx) return size;
    return fail(ErrorKind::Invalid, fmt::format("An image of {} has more than {} pixels.", item, kMostImagePx),
                "Give a smaller size.");
}

}  // namespace

Result<std::vector<ImageSize>> resolution_ladder(const std::optional<Knee>& knee, double aspect, int n) {
    if (n < 3) {
        return fail(ErrorKind::Invalid, fmt::format("A ladder of {} resolutions shows no law.", n),
                    "Ask for 3 or more; 20 are the default.");
    }
    if (!(aspect > 0.0) || !std::isfinite(aspect)) {
        return fail(ErrorKind::Invalid, fmt::format("{} is no aspect of an image.", aspect),
                    "Give width over height, like 1.78.");
    }
    std::vector<ImageSize> sizes;
    for (const double pixels : pixels_of_ladder(knee, n)) {
        ImageSize size = size_of(pixels, aspect);
        // Tiny knees round neighbours to one size; the longer side then takes the next even number.
        while (!sizes.empty() && size.pixels() <= sizes.back().pixels()) {
            (aspect >= 1.0 ? size.width : size.height) += 2;
        }
        sizes.push_back(size);
    }
    return sizes;
}

Result<std::vector<ImageSize>> parse_resolutions(std::string_view text, double aspect) {
    std::vector<ImageSize> sizes;
    while (true) {
        const std::size_t comma = text.find(',');
        const auto size = parse_resolution(text.substr(0, comma), aspect);
        if (!size) return tl::unexpected(size.error());
        sizes.push_back(*size);
        if (comma == std::string_view::npos) return sizes;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace landauer
