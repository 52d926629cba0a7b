#include <landauer/trace.h>

#include <algorithm>

namespace landauer {
namespace {

// Appends `from` to `into`, both in time order; where they overlap the two are merged.
void merge_series(Series& into, const Series& from) {
    if (from.t_ns.empty()) {
        return;
    }
    if (into.t_ns.empty() || into.t_ns.back() < from.t_ns.front()) {
        into.t_ns.insert(into.t_ns.end(), from.t_ns.begin(), from.t_ns.end());
        into.raw.insert(into.raw.end(), from.raw.begin(), from.raw.end());
        return;
    }
    Series merged{into.channel, {}, {}};
    merged.t_ns.reserve(into.size() + from.size());
    merged.raw.reserve(into.size() + from.size());
    std::size_t i = 0;
    std::size_t j = 0;
    const auto take = [&](const Series& s, std::size_t k) {
        if (merged.t_ns.empty() || merged.t_ns.back() < s.t_ns[k]) {
            merged.t_ns.push_back(s.t_ns[k]);
            merged.raw.push_back(s.raw[k]);
        }
    };
    while (i < into.size() || j < from.size()) {
        const bool from_into = j == from.size() || (i < into.size() && into.t_ns[i] <= from.t_ns[j]);
        from_into ? take(into, i++) : take(from, j++);
    }
    into = std::move(merged);
}

}  // namespace

const Series* Trace::find(std::string_view meter, std::string_view channel) const {
    const auto found = std::find_if(series.begin(), series.end(), [&](const Series& s) {
        return s.channel.meter == meter && s.channel.name == channel;
    });
    return found == series.end() ? nullptr : &*found;
}

Series& Trace::require(const Channel& channel) {
    const auto found =
        std::find_if(series.begin(), series.end(), [&](const Series& s) { return s.channel == channel; });
    if (found != series.end()) {
        return *found;
    }
    series.push_back(Series{channel, {}, {}});
    return series.back();
}

void Trace::merge(const Trace& other) {
    for (const Series& s : other.series) {
        merge_series(require(s.channel), s);
    }
}

Trace Trace::slice(std::int64_t begin_ns, std::int64_t end_ns) const {
    Trace out;
    out.series.reserve(series.size());
    for (const Series& s : series) {
        auto first = std::upper_bound(s.t_ns.begin(), s.t_ns.end(), begin_ns);
        if (first != s.t_ns.begin()) {
            --first;  // the last sample at or before the beginning
        }
        auto last = std::lower_bound(first, s.t_ns.end(), end_ns);
        if (last != s.t_ns.end()) {
            ++last;
        }
        const auto a = first - s.t_ns.begin();
        const auto b = last - s.t_ns.begin();
        out.series.push_back(Series{s.channel, {first, last}, {s.raw.begin() + a, s.raw.begin() + b}});
    }
    return out;
}

}  // namespace landauer
