// Reads a probed meter by the names of its channels.
#pragma once

#include <gtest/gtest.h>
#include <landauer/meter.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace landauer::testing {

inline std::vector<std::string> channel_names(const Meter& meter) {
    std::vector<std::string> names;
    for (const Channel& channel : meter.info().channels) {
        names.push_back(channel.name);
    }
    return names;
}

inline const Channel& channel(const Meter& meter, const std::string& name) {
    static const Channel none;
    const auto& channels = meter.info().channels;
    const auto found = std::find_if(channels.begin(), channels.end(), [&](const Channel& c) { return c.name == name; });
    EXPECT_NE(found, channels.end()) << name;
    return found == channels.end() ? none : *found;
}

// Raw values by channel; also holds read()'s count against what was filled in.
inline std::map<std::string, std::int64_t> read_all(Meter& meter) {
    std::vector<std::int64_t> values(meter.info().channels.size(), -12345);
    const int got = meter.read(values);
    EXPECT_EQ(got, std::count_if(values.begin(), values.end(), [](std::int64_t v) { return v != kMissing; }));
    std::map<std::string, std::int64_t> out;
    for (std::size_t i = 0; i < values.size(); ++i) {
        out[meter.info().channels[i].name] = values[i];
    }
    return out;
}

}  // namespace landauer::testing
