#include "platform/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace landauer {

Result<MappedFile> MappedFile::open(const std::filesystem::path& file) {
    std::error_code problem;
    const std::uintmax_t size = std::filesystem::file_size(file, problem);
    if (!problem && size == 0) {
        return fail(ErrorKind::Invalid, fmt::format("{} is empty.", file.string()), "Fetch it again.");
    }
    void* pages = MAP_FAILED;
    const int opened = problem ? -1 : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (opened >= 0) {
        pages = mmap(nullptr, size, PROT_READ, MAP_SHARED, opened, 0);
        close(opened);
    }
    if (pages == MAP_FAILED) {
        return fail(ErrorKind::Failed, fmt::format("{} cannot be mapped: {}.", file.string(), std::strerror(errno)),
                    "Check the file and its folder.");
    }
    MappedFile mapped;
    mapped.data_ = static_cast<std::byte*>(pages);
    mapped.size_ = size;
    return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) munmap(data_, size_);
}

void MappedFile::forget(std::size_t first, std::size_t n) const {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t begin = (first + page - 1) / page * page;
    const std::size_t end = (first + n) / page * page;
    if (begin < end) madvise(data_ + begin, end - begin, MADV_DONTNEED);
}

}  // namespace landauer
