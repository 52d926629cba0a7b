// Files put together byte by byte, so that a test can lie in any of their fields.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "image/image.h"

namespace landauer::testing {

using FileBytes = std::vector<std::uint8_t>;

inline void put_big(FileBytes& file, std::uint32_t value, int width) {
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
        file.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
    }
}

// Of width x height, each pixel of its own colour.
inline RgbImage numbered_image(std::int32_t width, std::int32_t height) {
    RgbImage image{{width, height}, {}};
    for (std::int32_t i = 0; i < width * height; ++i) {
        for (const std::int32_t value : {i, i * 7 + 3, i * 31 + 5}) {
            image.rgb.push_back(static_cast<std::uint8_t>(value));
        }
    }
    return image;
}

// The block that EXIF puts into a JPEG or a PNG, holding the orientation and nothing else.
inline FileBytes tiff_with_orientation(std::uint32_t orientation, bool big_endian) {
    FileBytes big{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    FileBytes little{'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    big[19] = little[18] = static_cast<std::uint8_t>(orientation);
    return big_endian ? big : little;
}

inline FileBytes jpeg_with_exif(const FileBytes& jpeg, const FileBytes& tiff) {
    FileBytes file(jpeg.begin(), jpeg.begin() + 2);
    put_big(file, 0xFFE1, 2);
    put_big(file, static_cast<std::uint32_t>(tiff.size() + 8), 2);
    for (const char c : std::string("Exif\0\0", 6)) {
        file.push_back(static_cast<std::uint8_t>(c));
    }
    file.insert(file.end(), tiff.begin(), tiff.end());
    file.insert(file.end(), jpeg.begin() + 2, jpeg.end());
    return file;
}

// A chunk behind IHDR; readers that skip it need not check its sum.
inline FileBytes png_with_chunk(const FileBytes& png, const std::string& name, const FileBytes& data) {
    constexpr std::ptrdiff_t kBehindHeader = 8 + 25;
    FileBytes file(png.begin(), png.begin() + kBehindHeader);
    put_big(file, static_cast<std::uint32_t>(data.size()), 4);
    file.insert(file.end(), name.begin(), name.end());
    file.insert(file.end(), data.begin(), data.end());
    put_big(file, 0, 4);
    file.insert(file.end(), png.begin() + kBehindHeader, png.end());
    return file;
}

inline FileBytes png_that_claims(std::uint32_t width, std::uint32_t height) {
    FileBytes file = encode_png(numbered_image(2, 2));
    FileBytes size;
    put_big(size, width, 4);
    put_big(size, height, 4);
    std::copy(size.begin(), size.end(), file.begin() + 16);
    return file;
}

inline std::string text_of(const FileBytes& bytes) { return {bytes.begin(), bytes.end()}; }

inline FileBytes bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace landauer::testing
