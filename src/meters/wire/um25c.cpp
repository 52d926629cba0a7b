#include "meters/wire/um25c.h"

namespace landauer {
namespace {

struct Model {
    std::uint16_t mark;
    std::int64_t microvolts;  // of one unit
    std::int64_t microamps;
    bool has_end_mark;  // the UM34C ends in a checksum of its own
};
constexpr std::uint16_t kEndMark = 0xFFF1;

std::optional<Model> model_of(std::uint16_t mark) noexcept {
    switch (mark) {
        case 0x0963:  // UM24C
            return Model{mark, 10'000, 1'000, true};
        case 0x09C9:  // UM25C
            return Model{mark, 1'000, 100, true};
        case 0x0D4C:  // UM34C
            return Model{mark, 10'000, 1'000, false};
        default:
            return std::nullopt;
    }
}

// The packet has no checksum worth the name, but it says one thing twice.
bool agrees(const DcReading& reading, const Model& model) noexcept {
    const std::int64_t product = reading.microvolts * reading.microamps / 1'000'000;
    const std::int64_t apart =
        product > reading.microwatts ? product - reading.microwatts : reading.microwatts - product;
    // The units of V and I once each, and 2 % for what was taken a moment apart.
    const std::int64_t rounding =
        (reading.microvolts * model.microamps + reading.microamps * model.microvolts) / 1'000'000 + 2'000;
    return apart <= rounding + product / 50;
}

}  // namespace

std::optional<DcReading> parse_um25c(Bytes packet) noexcept {
    if (packet.size() != kUm25cBytes) {
        return std::nullopt;
    }
    const auto model = model_of(u16_be(packet, 0));
    if (!model || (model->has_end_mark && u16_be(packet, kUm25cBytes - 2) != kEndMark)) {
        return std::nullopt;
    }
    const DcReading reading{u16_be(packet, 2) * model->microvolts, u16_be(packet, 4) * model->microamps,
                            static_cast<std::int64_t>(u32_be(packet, 6)) * 1'000};
    return is_plausible(reading) && agrees(reading, *model) ? std::optional(reading) : std::nullopt;
}

}  // namespace landauer
