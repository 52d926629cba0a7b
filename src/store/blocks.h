// Samples as compact blocks of bytes. Format 1, described in docs/store.md: time columns
// shared by the channels that were read together, differences as variable-length integers.
// Exact for every trace: what was encoded comes back bit for bit.
#pragma once

#include <landauer/error.h>
#include <landauer/trace.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

inline constexpr std::uint8_t kBlockFormat = 1;

// ids[i] names trace.series[i]'s channel in the store. Empty series are left out. Needs
// t_ns and raw of one length in every series.
[[nodiscard]] std::string encode_block(const Trace& trace, std::span<const std::int64_t> ids);

struct BlockColumn {
    std::int64_t channel_id = 0;
    std::size_t times = 0;  // index into DecodedBlock::times
    std::vector<std::int64_t> raw;
};

struct DecodedBlock {
    std::vector<std::vector<std::int64_t>> times;
    std::vector<BlockColumn> columns;  // in the order of the trace that was encoded
};

// Failed for bytes that are no whole block; allocates no more than a small multiple of the
// bytes given, whatever they say.
[[nodiscard]] Result<DecodedBlock> decode_block(std::string_view bytes);

// FNV-1a of 32 bits; a block's last four bytes, little-endian, are that of all before.
[[nodiscard]] std::uint32_t block_checksum(std::string_view bytes);

}  // namespace landauer
