#include "image/picture_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace landauer {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMost_bytes = std::uint64_t{1} << 30U;

Result<std::uint64_t> size_of_picture(const fs::path& path) {
    std::error_code problem;
    const auto status = fs::status(path, problem);
    if (status.type() == fs::file_type::not_found) {
        return fail(ErrorKind::Invalid, fmt::format("The picture {} does not exist.", path.string()),
                    "Check the path of the picture.");
    }
    if (status.type() == fs::file_type::directory) {
        return fail(ErrorKind::Invalid, fmt::format("{} is a folder, not a picture.", path.string()),
                    "Give the path of a picture inside it.");
    }
    if (problem == std::errc::permission_denied) {
        return fail(ErrorKind::Denied, fmt::format("The folder of the picture {} may not be entered.", path.string()),
                    fmt::format("Run `chmod u+x {0}` or `sudo chown $USER {0}`.", path.parent_path().string()));
    }
    if (!problem && status.type() != fs::file_type::regular) {
        return fail(ErrorKind::Invalid, fmt::format("{} is not a plain file.", path.string()),
                    "Save the picture to a file first.");
    }
    const auto size = problem ? 0 : fs::file_size(path, problem);
    if (problem) {
        return fail(ErrorKind::Failed, fmt::format("{} cannot be examined: {}.", path.string(), problem.message()),
                    "Check the path and the permissions of its folders.");
    }
    return size;
}

}  // namespace

Result<PictureFile> open_picture(const fs::path& path) {
    const auto size = size_of_picture(path);
    if (!size) {
        return tl::unexpected(size.error());
    }
    if (*size == 0) {
        return fail(ErrorKind::Invalid, fmt::format("The picture {} is empty.", path.string()),
                    "Download or export the picture again.");
    }
    if (*size > kMost_bytes) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The picture {} has {} bytes; at most {} are read.", path.string(), *size, kMost_bytes),
                    "Save it as JPEG or PNG, or smaller.");
    }
    PictureFile opened{std::unique_ptr<std::FILE, CloseFile>(std::fopen(path.c_str(), "rb")), *size};
    if (opened.file) {
        return opened;
    }
    const int code = errno;
    if (code == EACCES || code == EPERM) {
        return fail(ErrorKind::Denied, fmt::format("The picture {} may not be read.", path.string()),
                    fmt::format("Run `chmod u+r {0}` or `sudo chown $USER {0}`.", path.string()));
    }
    return fail(ErrorKind::Failed,
                fmt::format("The picture {} cannot be opened: {}.", path.string(), std::strerror(code)),
                "Check the path of the picture.");
}

Result<std::vector<std::uint8_t>> read_bytes(const PictureFile& file, std::uint64_t n, const fs::path& path) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(std::min(n, file.file_bytes)));
    std::rewind(file.file.get());
    const std::size_t got = std::fread(bytes.data(), 1, bytes.size(), file.file.get());
    if (std::ferror(file.file.get()) != 0) {
        return fail(ErrorKind::Failed, fmt::format("The picture {} cannot be read to its end.", path.string()),
                    "Check the disk, or copy the file elsewhere and try again.");
    }
    bytes.resize(got);
    return bytes;
}

}  // namespace landauer
