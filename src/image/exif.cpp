#include "image/exif.h"

#include <algorithm>
#include <utility>

#include "image/byte_order.h"

namespace landauer {
namespace {

constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::uint32_t kShort = 3;
constexpr std::size_t kEntryBytes = 12;

std::pair<std::int32_t, std::int32_t> stored_place(Orientation orientation, ImageSize stored, std::int32_t x,
                                                   std::int32_t y) {
    const std::int32_t right = stored.width - 1;
    const std::int32_t bottom = stored.height - 1;
    switch (orientation) {
        case Orientation::Mirrored:
            return {right - x, y};
        case Orientation::HalfTurn:
            return {right - x, bottom - y};
        case Orientation::Flipped:
            return {x, bottom - y};
        case Orientation::Transposed:
            return {y, x};
        case Orientation::QuarterTurn:
            return {y, bottom - x};
        case Orientation::Transverse:
            return {right - y, bottom - x};
        case Orientation::ThreeQuarterTurn:
            return {right - y, x};
        case Orientation::Upright:
            break;
    }
    return {x, y};
}

}  // namespace

Orientation exif_orientation(std::span<const std::uint8_t> tiff) {
    const auto mark = big16(tiff, 0);
    if (mark != 0x4949U && mark != 0x4D4DU) {
        return Orientation::Upright;
    }
    const bool big_endian = mark == 0x4D4DU;
    const auto number = [&](std::size_t at, std::size_t width) { return read_unsigned(tiff, at, width, big_endian); };
    if (number(2, 2) != 42U) {
        return Orientation::Upright;
    }
    const std::size_t directory = number(4, 4).value_or(0);
    const std::size_t entries = number(directory, 2).value_or(0);
    for (std::size_t i = 0; i < entries; ++i) {
        const std::size_t entry = directory + 2 + i * kEntryBytes;
        const auto tag = number(entry, 2);
        if (!tag) {
            break;
        }
        if (*tag == kOrientationTag) {
            const auto value = number(entry + 8, 2).value_or(0);
            const bool sound = number(entry + 2, 2) == kShort && number(entry + 4, 4) == 1U;
            return sound && value >= 1 && value <= 8 ? static_cast<Orientation>(value) : Orientation::Upright;
        }
    }
    return Orientation::Upright;
}

bool swaps_sides(Orientation orientation) { return orientation >= Orientation::Transposed; }

RgbImage turn_upright(RgbImage stored, Orientation orientation) {
    if (orientation == Orientation::Upright) {
        return stored;
    }
    RgbImage upright;
    upright.size = swaps_sides(orientation) ? ImageSize{stored.size.height, stored.size.width} : stored.size;
    upright.rgb.resize(stored.rgb.size());
    std::uint8_t* to = upright.rgb.data();
    for (std::int32_t y = 0; y < upright.size.height; ++y) {
        for (std::int32_t x = 0; x < upright.size.width; ++x, to += 3) {
            const auto [from_x, from_y] = stored_place(orientation, stored.size, x, y);
            const std::int64_t from = (std::int64_t{from_y} * stored.size.width + from_x) * 3;
            std::copy_n(stored.rgb.data() + from, 3, to);
        }
    }
    return upright;
}

}  // namespace landauer
