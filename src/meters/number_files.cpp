#include "meters/number_files.h"

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

int NumberFilesMeter::read(std::span<std::int64_t> values) noexcept {
    int got = 0;
    const std::size_t count = std::min(values.size(), files_.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = files_[i].read_integer();
        const bool good = value && is_plausible(*value, info_.channels[i]);
        values[i] = good ? *value : kMissing;
        got += good ? 1 : 0;
    }
    return got;
}

bool FileHarvest::add(const std::filesystem::path& file, Channel channel) {
    auto opened = OpenFile::open(file);
    if (!opened) {
        if (opened.error().kind == ErrorKind::Denied) {
            denied.push_back(file);
        }
        return false;
    }
    files.push_back(std::move(*opened));
    info.channels.push_back(std::move(channel));
    return true;
}

}  // namespace landauer
