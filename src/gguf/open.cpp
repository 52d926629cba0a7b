#include "gguf/open.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "core/utf8.h"
#include "gguf/hf/folder.h"
#include "gguf/likeness.h"
#include "gguf/walk.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;
using FilePtr = std::unique_ptr<std::FILE, CloseFile>;

constexpr std::size_t kHead = 512;  // bytes that tell what a file is
constexpr std::string_view kDownloadAgain = "Download the model again and compare its sha256 with the publisher's.";

Result<std::uint64_t> size_of_file(const fs::path& file) {
    std::error_code problem;
    const auto status = fs::status(file, problem);
    if (status.type() == fs::file_type::not_found) {
        return fail(ErrorKind::Invalid, fmt::format("The model file {} does not exist.", file.string()),
                    "Check the path given with -m.");
    }
    if (is_hf_folder(file)) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} is a folder of a Hugging Face model, not a GGUF file.", file.string()),
                    fmt::format("Make one of it: landauer import {} -o model.gguf", file.string()));
    }
    if (status.type() == fs::file_type::directory) {
        return fail(ErrorKind::Invalid, fmt::format("{} is a folder, not a model file.", file.string()),
                    "Give the path of a .gguf file inside it.");
    }
    const auto size = fs::file_size(file, problem);
    if (problem) {
        return fail(ErrorKind::Failed, fmt::format("{} cannot be examined: {}.", file.string(), problem.message()),
                    "Check the path and the permissions of its folders.");
    }
    if (size == 0) {
        return fail(ErrorKind::Invalid, fmt::format("The model file {} is empty.", file.string()),
                    std::string(kDownloadAgain));
    }
    return size;
}

Result<FilePtr> open_file(const fs::path& file) {
    FilePtr opened(std::fopen(file.c_str(), "rb"));
    if (opened) return opened;
    const int code = errno;
    if (code == EACCES || code == EPERM) {
        return fail(ErrorKind::Denied, fmt::format("The model file {} may not be read.", file.string()),
                    fmt::format("Run `chmod u+r {0}` or `sudo chown $USER {0}`.", file.string()));
    }
    return fail(ErrorKind::Failed,
                fmt::format("The model file {} cannot be opened: {}.", file.string(), std::strerror(code)),
                "Check the path given with -m.");
}

// The first bytes for a sentence: control characters as '?'.
std::string printable(std::string_view bytes) {
    std::string text = to_valid_utf8(bytes);
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
    }
    return text;
}

Result<void> check_magic(std::FILE* file, const fs::path& path, std::uint64_t file_bytes) {
    std::array<char, kHead> head{};
    const std::size_t n = std::fread(head.data(), 1, head.size(), file);
    const std::string_view seen(head.data(), n);
    if (seen.starts_with(GGUF_MAGIC)) return {};
    Likeness likeness = likeness_of(seen, file_bytes);
    if (likeness.what.empty()) {
        likeness = {fmt::format("begins with \"{}\" where a GGUF file has \"GGUF\"", printable(seen.substr(0, 4))),
                    "Give a model in the GGUF format."};
    }
    return fail(ErrorKind::Invalid, fmt::format("{} is not a GGUF model: it {}.", path.string(), likeness.what),
                likeness.remedy);
}

tl::unexpected<Error> damaged(const fs::path& path, const std::string& what, std::uint64_t at,
                              std::uint64_t file_bytes) {
    return fail(ErrorKind::Invalid,
                fmt::format("The header of {} is damaged or cut short at byte {} of {}: {}.", path.string(), at,
                            file_bytes, to_valid_utf8(what)),
                std::string(kDownloadAgain));
}

// The stock reader logs its complaint and returns nothing; the complaint is what we want.
class LogCatcher {
   public:
    LogCatcher() {
        ggml_log_get(&before_, &before_user_);
        ggml_log_set([](ggml_log_level, const char* text, void* user) { static_cast<LogCatcher*>(user)->add(text); },
                     this);
    }
    LogCatcher(const LogCatcher&) = delete;
    LogCatcher& operator=(const LogCatcher&) = delete;
    LogCatcher(LogCatcher&&) = delete;
    LogCatcher& operator=(LogCatcher&&) = delete;
    ~LogCatcher() { ggml_log_set(before_, before_user_); }

    // The first line, without the function's name before it.
    [[nodiscard]] std::string first() const {
        const std::string line = text_.substr(0, text_.find('\n'));
        const auto colon = line.find(": ");
        return colon == std::string::npos ? line : line.substr(colon + 2);
    }

   private:
    void add(const char* text) { text_ += text; }

    std::string text_;
    ggml_log_callback before_ = nullptr;
    void* before_user_ = nullptr;
};

std::size_t read_at(void* user, void* into, std::uint64_t offset, std::size_t n) {
    auto* file = static_cast<std::FILE*>(user);
    if (std::ftell(file) != static_cast<long>(offset) && fseeko(file, static_cast<off_t>(offset), SEEK_SET) != 0)
        return 0;
    return std::fread(into, 1, n, file);
}

Result<GgufPtr> read_header(std::FILE* file, const fs::path& path, const HeaderExtent& extent,
                            std::uint64_t file_bytes) {
    const LogCatcher log;
    const gguf_init_params params{true, nullptr};
    GgufPtr header(gguf_init_from_callback(read_at, file, 0, file_bytes, params));
    if (!header) return damaged(path, log.first(), extent.end, file_bytes);
    for (std::int64_t id = 0; id < gguf_get_n_kv(header.get()); ++id) {
        // The stock reader takes it, and aborts where metadata are copied.
        if (*gguf_get_key(header.get(), id) == '\0') return damaged(path, "a key has no name", extent.end, file_bytes);
    }
    return header;
}

}  // namespace

Result<OpenedGguf> open_gguf(const fs::path& path) {
    const auto size = size_of_file(path);
    if (!size) return tl::unexpected(size.error());
    const auto file = open_file(path);
    if (!file) return tl::unexpected(file.error());
    if (auto magic = check_magic(file->get(), path, *size); !magic) return tl::unexpected(magic.error());
    const auto extent = walk_header(file->get(), *size);
    if (!extent) return damaged(path, extent.error().what, extent.error().at, *size);
    auto header = read_header(file->get(), path, *extent, *size);
    if (!header) return tl::unexpected(header.error());
    return OpenedGguf{std::move(*header), *size};
}

}  // namespace landauer
