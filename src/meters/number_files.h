// A meter whose every channel is one file that holds one integer, as /sys likes it.
#pragma once

#include <landauer/meter.h>

#include <vector>

#include "platform/open_file.h"

namespace landauer {

class NumberFilesMeter : public Meter {
   public:
    // info.channels[i] is read from files[i].
    NumberFilesMeter(MeterInfo info, std::vector<OpenFile> files) : info_(std::move(info)), files_(std::move(files)) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }
    // A counter that reads below 0 or beyond its range counts as not read.
    int read(std::span<std::int64_t> values) noexcept override;

   private:
    MeterInfo info_;
    std::vector<OpenFile> files_;
};

// What a probe collects on its way: files that opened, and why others did not.
struct FileHarvest {
    MeterInfo info;
    std::vector<OpenFile> files;
    std::vector<std::filesystem::path> denied;

    // Opens the file as the source of `channel`; true if it did.
    bool add(const std::filesystem::path& file, Channel channel);
};

}  // namespace landauer
