#include "store/blocks.h"

#include <numeric>

#include "sample_data.h"
#include "store/varint.h"

namespace landauer::test {
namespace {

constexpr auto kLow = std::numeric_limits<std::int64_t>::min();
constexpr auto kHigh = std::numeric_limits<std::int64_t>::max();

std::vector<std::int64_t> counted_ids(const Trace& trace) {
    std::vector<std::int64_t> ids(trace.series.size());
    std::iota(ids.begin(), ids.end(), 1);
    return ids;
}

// What the block gives back, as a trace; empty series are not in it.
void expect_round_trip(const Trace& trace) {
    const auto ids = counted_ids(trace);
    const Result<DecodedBlock> block = decode_block(encode_block(trace, ids));
    ASSERT_TRUE(block) << block.error().sentence;
    std::size_t column = 0;
    for (std::size_t i = 0; i < trace.series.size(); ++i) {
        if (trace.series[i].t_ns.empty()) {
            continue;
        }
        ASSERT_LT(column, block->columns.size());
        const BlockColumn& decoded = block->columns[column++];
        EXPECT_EQ(decoded.channel_id, ids[i]);
        EXPECT_EQ(decoded.raw, trace.series[i].raw);
        EXPECT_EQ(block->times.at(decoded.times), trace.series[i].t_ns);
    }
    EXPECT_EQ(column, block->columns.size());
}

Trace one_series(std::vector<std::int64_t> t_ns, std::vector<std::int64_t> raw) {
    return Trace{{Series{{"m", "c", "s", ChannelKind::counter, 1.0, 0}, std::move(t_ns), std::move(raw)}}};
}

// Any number of any size: half of them small, some of them the extremes.
std::int64_t any_integer(std::mt19937_64& random) {
    switch (random() % 6) {
        case 0:
            return kLow;
        case 1:
            return kHigh;
        case 2:
            return static_cast<std::int64_t>(random());
        default:
            return static_cast<std::int64_t>(random() % 2001) - 1000;
    }
}

std::string with_checksum(std::string body) {
    const std::uint32_t checksum = block_checksum(body);
    for (unsigned shift = 0; shift < 32; shift += 8) {
        body.push_back(static_cast<char>(static_cast<std::uint8_t>(checksum >> shift)));
    }
    return body;
}

std::size_t bytes_of(const DecodedBlock& block) {
    std::size_t n = 0;
    for (const auto& times : block.times) {
        n += sizeof(times) + times.capacity() * sizeof(std::int64_t);
    }
    for (const auto& column : block.columns) {
        n += sizeof(column) + column.raw.capacity() * sizeof(std::int64_t);
    }
    return n;
}

TEST(Blocks, EmptyAndSingle) {
    expect_round_trip(Trace{});
    expect_round_trip(one_series({}, {}));
    expect_round_trip(one_series({7}, {-3}));
    expect_round_trip(one_series({kLow}, {kHigh}));
}

TEST(Blocks, ExtremesWrapAndComeBack) {
    expect_round_trip(one_series({kLow, kHigh, kLow, 0, kHigh}, {kHigh, kLow, kLow, kHigh, 0}));
    expect_round_trip(one_series({0, 1, 2}, {kLow, kHigh, kLow}));
}

TEST(Blocks, KnownBytes) {
    // Two samples one apart: format, one time column, one channel; each column its coding and two numbers.
    const std::string block = encode_block(one_series({10, 11}, {-1, 1}), std::vector<std::int64_t>{5});
    const std::string body("\x01\x01\x01\x02\x00\x14\x02\x05\x00\x00\x01\x04", 12);
    EXPECT_EQ(block, with_checksum(body));
    EXPECT_EQ(block_checksum(""), 2166136261U);
    EXPECT_EQ(block_checksum("a"), 0xE40C292CU);  // the published FNV-1a value
}

TEST(Blocks, RandomTracesComeBackBitForBit) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        std::mt19937_64 random(seed);
        Trace trace;
        std::vector<std::vector<std::int64_t>> times(1 + random() % 3);
        for (auto& t : times) {
            t.resize(random() % 40);
            std::generate(t.begin(), t.end(), [&] { return any_integer(random); });
        }
        for (std::size_t i = 0, n = random() % 8; i < n; ++i) {
            const auto& t = times[random() % times.size()];
            Series series{{"m", std::to_string(i), "s", ChannelKind::gauge, 1.0, 0}, t, {}};
            std::generate_n(std::back_inserter(series.raw), t.size(), [&] { return any_integer(random); });
            trace.series.push_back(std::move(series));
        }
        expect_round_trip(trace);
    }
}

TEST(Blocks, ChannelsReadTogetherShareTheirTimes) {
    std::mt19937_64 random(1);
    const Trace trace = a_trace(random, 0, 100);
    const auto block = decode_block(encode_block(trace, counted_ids(trace)));
    ASSERT_TRUE(block);
    EXPECT_EQ(block->columns.size(), 20U);
    EXPECT_LT(block->times.size(), block->columns.size());
    EXPECT_LT(encode_block(trace, counted_ids(trace)).size(), 100U * 20U * 4U);
}

TEST(Blocks, EveryTruncationIsRefused) {
    std::mt19937_64 random(2);
    const Trace trace = a_trace(random, 1'000'000, 5);
    const std::string block = encode_block(trace, counted_ids(trace));
    for (std::size_t n = 0; n < block.size(); ++n) {
        EXPECT_FALSE(decode_block(std::string_view(block).substr(0, n))) << n;
        // The same with a checksum that fits, so that the lengths themselves are tested.
        if (n + 4 < block.size()) {
            EXPECT_FALSE(decode_block(with_checksum(block.substr(0, n)))) << n;
        }
    }
}

TEST(Blocks, EveryFlippedBitIsRefused) {
    std::mt19937_64 random(3);
    const Trace trace = a_trace(random, 1'000'000, 3);
    const std::string block = encode_block(trace, counted_ids(trace));
    for (std::size_t bit = 0; bit < block.size() * 8; ++bit) {
        std::string flipped = block;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(decode_block(flipped)) << bit;
    }
}

TEST(Blocks, HostileBytesNeitherCrashNorAllocateWildly) {
    std::mt19937_64 random(4);
    const Trace trace = a_trace(random, 1'000'000, 10);
    const std::string good = encode_block(trace, counted_ids(trace));
    const std::string body = good.substr(0, good.size() - 4);
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = body;
        for (std::uint64_t i = 0, n = 1 + random() % 8; i < n; ++i) {
            bytes[random() % (random() % 2 == 0 ? 12 : bytes.size())] = static_cast<char>(random());
        }
        const std::string block = with_checksum(bytes);
        if (const auto decoded = decode_block(block)) {
            EXPECT_LT(bytes_of(*decoded), block.size() * 32);
        }
    }
}

TEST(Blocks, OversizedCountsAreRefused) {
    std::string body(1, '\x01');
    put_varint(body, 1);
    put_varint(body, 1);
    put_varint(body, ~std::uint64_t{0});
    EXPECT_FALSE(decode_block(with_checksum(body + std::string(20, '\0'))));
    std::string many(1, '\x01');
    put_varint(many, std::uint64_t{1} << 60U);
    EXPECT_FALSE(decode_block(with_checksum(many + std::string(20, '\0'))));
    const auto unknown = decode_block(with_checksum(std::string("\x02\0\0", 3)));
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().sentence.find("format"), std::string::npos);
    const std::string whole = encode_block(one_series({7}, {8}), std::vector<std::int64_t>{1});
    EXPECT_FALSE(decode_block(with_checksum(whole.substr(0, whole.size() - 4) + "x"))) << "bytes after the end";
    // An integer of more than 64 bits.
    EXPECT_FALSE(decode_block(with_checksum("\x01" + std::string(9, '\xFF') + "\x02" + std::string(8, '\0'))));
}

}  // namespace
}  // namespace landauer::test
