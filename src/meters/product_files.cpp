#include "meters/product_files.h"

#include <algorithm>

namespace landauer {
namespace {

bool is_plausible(std::int64_t value, const Channel& channel) noexcept {
    if (channel.kind == ChannelKind::gauge) {
        return value != kMissing;
    }
    return value >= 0 && (channel.wrap_range == 0 || value < channel.wrap_range);
}

}  // namespace

std::optional<std::int64_t> checked_product(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) {
        return std::nullopt;
    }
    return product;
}

std::optional<std::int64_t> ProductFile::read() const noexcept {
    const auto one = first.read_integer();
    if (!one || !second) {
        return one;
    }
    const auto other = second->read_integer();
    return other ? checked_product(*one, *other) : std::nullopt;
}

int ProductFilesMeter::read(std::span<std::int64_t> values) noexcept {
    int got = 0;
    const std::size_t count = std::min(values.size(), files_.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = files_[i].read();
        const bool good = value && is_plausible(*value, info_.channels[i]);
        values[i] = good ? *value : kMissing;
        got += good ? 1 : 0;
    }
    return got;
}

std::optional<OpenFile> ProductHarvest::open(const std::filesystem::path& file) {
    auto opened = OpenFile::open(file);
    if (opened) {
        return std::move(*opened);
    }
    if (opened.error().kind == ErrorKind::Denied) {
        denied.push_back(file);
    }
    return std::nullopt;
}

bool ProductHarvest::add(Channel channel, const std::filesystem::path& first, const std::filesystem::path& second) {
    auto one = open(first);
    if (!one) {
        return false;
    }
    ProductFile file{std::move(*one)};
    if (!second.empty()) {
        file.second = open(second);
        if (!file.second) {
            return false;
        }
    }
    files.push_back(std::move(file));
    info.channels.push_back(std::move(channel));
    return true;
}

bool ProductHarvest::has(const std::string& channel) const {
    return std::any_of(info.channels.begin(), info.channels.end(),
                       [&](const Channel& known) { return known.name == channel; });
}

}  // namespace landauer
