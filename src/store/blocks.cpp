#include "store/blocks.h"

#include <algorithm>

#include "store/varint.h"

namespace landauer {
namespace {

// How a column of numbers is written; whichever is shorter.
enum class Coding : std::uint8_t { differences = 0, second_differences = 1 };

constexpr std::size_t kChecksumBytes = 4;

// Calls `emit` with the folded number to write for each value.
template <class Emit>
void fold(const std::vector<std::int64_t>& values, Coding coding, Emit&& emit) {
    std::uint64_t previous = 0;
    std::uint64_t previous_difference = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint64_t difference = bits(values[i]) - previous;
        const bool is_second = coding == Coding::second_differences && i >= 2;
        emit(zigzag(is_second ? difference - previous_difference : difference));
        previous = bits(values[i]);
        previous_difference = difference;
    }
}

std::size_t coded_size(const std::vector<std::int64_t>& values, Coding coding) {
    std::size_t size = 0;
    fold(values, coding, [&](std::uint64_t folded) { size += varint_size(folded); });
    return size;
}

void put_column(std::string& out, const std::vector<std::int64_t>& values) {
    const Coding coding = coded_size(values, Coding::second_differences) < coded_size(values, Coding::differences)
                              ? Coding::second_differences
                              : Coding::differences;
    out.push_back(static_cast<char>(coding));
    fold(values, coding, [&](std::uint64_t folded) { put_varint(out, folded); });
}

bool take_column(std::string_view& in, std::size_t count, std::vector<std::int64_t>& values) {
    // Every value takes a byte at least: a count beyond what is left is a lie.
    if (in.empty() || count > in.size() - 1) {
        return false;
    }
    const auto coding = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    if (coding > static_cast<std::uint8_t>(Coding::second_differences)) {
        return false;
    }
    values.resize(count);
    std::uint64_t previous = 0;
    std::uint64_t previous_difference = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t folded = 0;
        if (!take_varint(in, folded)) {
            return false;
        }
        const bool is_second = coding == static_cast<std::uint8_t>(Coding::second_differences) && i >= 2;
        const std::uint64_t difference = unzigzag(folded) + (is_second ? previous_difference : 0);
        previous += difference;
        previous_difference = difference;
        values[i] = value_of(previous);
    }
    return true;
}

bool take_block(std::string_view& in, DecodedBlock& block) {
    std::uint64_t n_times = 0;
    std::uint64_t n_columns = 0;
    if (!take_varint(in, n_times) || !take_varint(in, n_columns) || n_times > in.size() || n_columns > in.size()) {
        return false;
    }
    for (std::uint64_t i = 0; i < n_times; ++i) {
        std::uint64_t count = 0;
        if (!take_varint(in, count) || !take_column(in, count, block.times.emplace_back())) {
            return false;
        }
    }
    for (std::uint64_t i = 0; i < n_columns; ++i) {
        std::uint64_t id = 0;
        std::uint64_t times = 0;
        if (!take_varint(in, id) || !take_varint(in, times) || times >= block.times.size()) {
            return false;
        }
        BlockColumn& column = block.columns.emplace_back(BlockColumn{value_of(id), times, {}});
        if (!take_column(in, block.times[times].size(), column.raw)) {
            return false;
        }
    }
    return in.empty();
}

}  // namespace

std::uint32_t block_checksum(std::string_view bytes) {
    std::uint32_t hash = 2166136261U;
    for (const char byte : bytes) {
        hash = (hash ^ static_cast<std::uint8_t>(byte)) * 16777619U;
    }
    return hash;
}

std::string encode_block(const Trace& trace, std::span<const std::int64_t> ids) {
    std::vector<const std::vector<std::int64_t>*> times;
    std::vector<std::size_t> times_of(trace.series.size());
    std::size_t n_columns = 0;
    for (std::size_t i = 0; i < trace.series.size(); ++i) {
        const Series& series = trace.series[i];
        if (series.t_ns.empty()) {
            continue;
        }
        const auto found = std::find_if(times.begin(), times.end(), [&](const auto* t) { return *t == series.t_ns; });
        times_of[i] = static_cast<std::size_t>(found - times.begin());
        if (found == times.end()) {
            times.push_back(&series.t_ns);
        }
        ++n_columns;
    }
    std::string out(1, static_cast<char>(kBlockFormat));
    put_varint(out, times.size());
    put_varint(out, n_columns);
    for (const auto* t : times) {
        put_varint(out, t->size());
        put_column(out, *t);
    }
    for (std::size_t i = 0; i < trace.series.size(); ++i) {
        if (!trace.series[i].t_ns.empty()) {
            put_varint(out, bits(ids[i]));
            put_varint(out, times_of[i]);
            put_column(out, trace.series[i].raw);
        }
    }
    const std::uint32_t checksum = block_checksum(out);
    for (unsigned shift = 0; shift < 8 * kChecksumBytes; shift += 8) {
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(checksum >> shift)));
    }
    return out;
}

Result<DecodedBlock> decode_block(std::string_view bytes) {
    const auto damaged = [](const char* what) {
        return fail(ErrorKind::Failed, std::string("A block of samples is damaged: ") + what + ".",
                    "Delete the run it belongs to and measure it again, or restore a copy of the store.");
    };
    if (bytes.size() < 1 + kChecksumBytes) {
        return damaged("it is too short");
    }
    std::uint32_t checksum = 0;
    for (unsigned i = 0; i < kChecksumBytes; ++i) {
        checksum |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[bytes.size() - kChecksumBytes + i]))
                    << (8 * i);
    }
    bytes.remove_suffix(kChecksumBytes);
    if (checksum != block_checksum(bytes)) {
        return damaged("its checksum does not fit");
    }
    if (static_cast<std::uint8_t>(bytes.front()) != kBlockFormat) {
        return damaged("its format is unknown to this program");
    }
    bytes.remove_prefix(1);
    DecodedBlock block;
    if (!take_block(bytes, block)) {
        return damaged("its lengths do not fit");
    }
    return block;
}

}  // namespace landauer
