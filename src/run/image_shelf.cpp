#include "run/image_shelf.h"

#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <utility>

#include "image/image.h"

namespace landauer {
namespace {

std::filesystem::path place_of(const ScratchFolder& folder, ImageSize size) {
    return folder.path() / fmt::format("{}x{}.rgb", size.width, size.height);
}

Result<void> put(const std::filesystem::path& file, const RgbImage& image) {
    std::ofstream stream(file, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(image.rgb.data()), static_cast<std::streamsize>(image.rgb.size()));
    stream.close();
    if (stream) return {};
    return fail(ErrorKind::Failed, fmt::format("The image {} could not be written.", file.string()),
                "Make room on the disk that holds temporary files, or name another with TMPDIR.");
}

}  // namespace

Result<ImageShelf> ImageShelf::make(const ImageSource& source, const std::vector<ImageSize>& sizes,
                                    const std::function<bool(double fraction)>& progress) {
    auto folder = ScratchFolder::create();
    if (!folder) return tl::unexpected(folder.error());
    std::optional<RgbImage> original;
    if (!source.file.empty()) {
        auto read = read_image(source.file);
        if (!read) return tl::unexpected(read.error());
        original = std::move(*read);
    }
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (progress && !progress(static_cast<double>(i) / static_cast<double>(sizes.size()))) {
            return fail(ErrorKind::Interrupted, "Interrupted while the images were made.", "");
        }
        auto image = original ? resize_image(*original, sizes[i]) : draw_traffic_scene(source.scene_seed, sizes[i]);
        if (!image) return tl::unexpected(image.error());
        if (auto kept = put(place_of(*folder, sizes[i]), *image); !kept) return tl::unexpected(kept.error());
    }
    return ImageShelf(std::move(*folder));
}

Result<std::shared_ptr<const RgbImage>> ImageShelf::take(ImageSize size) const {
    auto image = std::make_shared<RgbImage>();
    image->size = size;
    image->rgb.resize(static_cast<std::size_t>(size.pixels()) * 3);
    std::ifstream stream(place_of(folder_, size), std::ios::binary);
    stream.read(reinterpret_cast<char*>(image->rgb.data()), static_cast<std::streamsize>(image->rgb.size()));
    if (stream) return image;
    return fail(ErrorKind::Failed,
                fmt::format("The image of {}x{} is gone from the temporary files.", size.width, size.height),
                "Run the same command again; it continues from what was measured.");
}

}  // namespace landauer
