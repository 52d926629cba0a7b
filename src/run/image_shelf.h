// The pictures of a run at every size of its ladder: each is made once and kept on disk, so that memory holds one.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "core/image.h"
#include "platform/scratch.h"

namespace landauer {

// Where the pictures come from.
struct ImageSource {
    std::filesystem::path file;    // any format that read_image() knows; empty: the traffic scene
    std::uint32_t scene_seed = 1;  // drawn anew at every size
};

class ImageShelf {
   public:
    // Reads the file once and resizes it to each size (or draws the scene at each). `progress` may be empty;
    // it answers whether to go on. Interrupted when it says no.
    [[nodiscard]] static Result<ImageShelf> make(const ImageSource& source, const std::vector<ImageSize>& sizes,
                                                 const std::function<bool(double fraction)>& progress);

    // Bug: a size that was not asked for. Failed: the disk.
    [[nodiscard]] Result<std::shared_ptr<const RgbImage>> take(ImageSize size) const;

   private:
    explicit ImageShelf(ScratchFolder folder) : folder_(std::move(folder)) {}
    ScratchFolder folder_;
};

}  // namespace landauer
