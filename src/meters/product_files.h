// A meter whose channels are each one file, or the product of two: volts times amperes.
#pragma once

#include <landauer/meter.h>

#include <optional>
#include <string>
#include <vector>

#include "platform/open_file.h"

namespace landauer {

// a * b, or nothing where that does not fit.
[[nodiscard]] std::optional<std::int64_t> checked_product(std::int64_t a, std::int64_t b) noexcept;

// One or two files whose integers, multiplied, are a channel's raw value.
struct ProductFile {
    OpenFile first;
    std::optional<OpenFile> second = std::nullopt;

    [[nodiscard]] std::optional<std::int64_t> read() const noexcept;
};

class ProductFilesMeter : public Meter {
   public:
    // info.channels[i] is read from files[i].
    ProductFilesMeter(MeterInfo info, std::vector<ProductFile> files)
        : info_(std::move(info)), files_(std::move(files)) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }
    // A counter that reads below 0 or beyond its range counts as not read.
    int read(std::span<std::int64_t> values) noexcept override;

   private:
    MeterInfo info_;
    std::vector<ProductFile> files_;
};

// What a probe collects on its way: files that opened, and why others did not.
struct ProductHarvest {
    MeterInfo info;
    std::vector<ProductFile> files;
    std::vector<std::filesystem::path> denied;

    // Opens the file, and the second one unless its path is empty, as the source of `channel`;
    // true if both opened.
    bool add(Channel channel, const std::filesystem::path& first, const std::filesystem::path& second = {});
    [[nodiscard]] bool has(const std::string& channel) const;

   private:
    std::optional<OpenFile> open(const std::filesystem::path& file);
};

}  // namespace landauer
