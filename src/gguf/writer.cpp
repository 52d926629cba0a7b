#include "gguf/writer.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "gguf/open.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestGap = 32;  // bytes between two tensors
constexpr double kMb = 1e6;

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

tl::unexpected<Error> cannot_write(const fs::path& file, int code) {
    const std::string why = fmt::format("{} cannot be written: {}.", file.string(), std::strerror(code));
    if (code == EACCES || code == EPERM || code == EROFS) {
        return fail(ErrorKind::Denied, why,
                    fmt::format("Run `chmod u+wx {}`, or choose another folder.", folder_of(file).string()));
    }
    if (code == ENOSPC || code == EDQUOT || code == EFBIG) {
        return fail(ErrorKind::Failed, why,
                    "Free some space there, or choose another folder. Nothing half-written stays.");
    }
    return fail(ErrorKind::Failed, why, "Choose another folder or file name.");
}

Result<void> check_name(const fs::path& file, bool replace) {
    std::error_code problem;
    const auto status = fs::status(file, problem);
    if (status.type() == fs::file_type::directory) {
        return fail(ErrorKind::Invalid, fmt::format("{} is a folder.", file.string()),
                    "Give the name of a file in it, e.g. model.gguf.");
    }
    if (fs::exists(status) && !replace) {
        return fail(ErrorKind::Invalid, fmt::format("{} exists already.", file.string()),
                    "Choose another name, or replace it with --force.");
    }
    if (!fs::is_directory(folder_of(file), problem)) {
        return fail(ErrorKind::Invalid, fmt::format("The folder {} does not exist.", folder_of(file).string()),
                    fmt::format("Run `mkdir -p {}`.", folder_of(file).string()));
    }
    return {};
}

}  // namespace

struct GgufWriter::State {
    fs::path file;
    fs::path part;
    std::unique_ptr<std::FILE, CloseFile> out;
    std::vector<GgufPlace> places;
    std::size_t current = 0;    // the tensor that is being written
    std::uint64_t written = 0;  // bytes of the file so far
    std::uint64_t end = 0;      // bytes of the whole file

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    State(State&&) = delete;
    State& operator=(State&&) = delete;
    ~State() {
        if (!out) return;
        out.reset();
        std::error_code ignored;
        fs::remove(part, ignored);
    }

    Result<void> append(const void* data, std::size_t bytes) {
        errno = 0;
        if (bytes > 0 && std::fwrite(data, 1, bytes, out.get()) != bytes) return cannot_write(file, errno);
        written += bytes;
        return {};
    }

    Result<void> pad_to(std::uint64_t offset) {
        static constexpr std::array<char, kLongestGap> kZeros{};
        return append(kZeros.data(), offset - written);
    }

    // Whole tensors behind: on to the next one.
    void step() {
        while (current < places.size() && written == places[current].offset + places[current].bytes) ++current;
    }
};

GgufWriter::GgufWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
GgufWriter::GgufWriter(GgufWriter&& other) noexcept = default;
GgufWriter& GgufWriter::operator=(GgufWriter&& other) noexcept = default;
GgufWriter::~GgufWriter() = default;

Result<GgufWriter> GgufWriter::create(const fs::path& file, const GgufHeader& header, bool replace) {
    if (auto good = check_name(file, replace); !good) return tl::unexpected(good.error());
    auto state = std::make_unique<State>();
    state->file = file;
    state->part = file.string() + ".part";
    state->places = header.places();
    state->end = header.file_bytes();
    if (replace) {
        std::error_code ignored;
        fs::remove(state->part, ignored);
    }
    std::unique_ptr<std::FILE, CloseFile> out(std::fopen(state->part.c_str(), "wbx"));
    if (!out && errno == EEXIST) {
        return fail(
            ErrorKind::Failed,
            fmt::format("{} is there already: it is being written, or its writer was killed.", state->part.string()),
            fmt::format("If nobody is writing it, run `rm {}`, or use --force.", state->part.string()));
    }
    if (!out) return cannot_write(file, errno);
    state->out = std::move(out);
    const std::string head = header.bytes();
    if (auto good = state->append(head.data(), head.size()); !good) return tl::unexpected(good.error());
    return GgufWriter(std::move(state));
}

Result<void> GgufWriter::write(const std::string& tensor, std::span<const std::byte> piece) {
    const bool is_turn = state_->current < state_->places.size() && state_->places[state_->current].name == tensor;
    if (!is_turn) {
        return fail(ErrorKind::Bug, fmt::format("The data of {} came out of turn.", tensor),
                    "Write the tensors in the header's order, each whole.");
    }
    const GgufPlace& place = state_->places[state_->current];
    if (state_->written < place.offset) {
        if (auto good = state_->pad_to(place.offset); !good) return good;
    }
    if (piece.size() > place.offset + place.bytes - state_->written) {
        return fail(ErrorKind::Bug, fmt::format("More than the {} bytes of {} came.", place.bytes, tensor),
                    "Write as many bytes as its type and shape say.");
    }
    if (auto good = state_->append(piece.data(), piece.size()); !good) return good;
    state_->step();
    return {};
}

Result<void> GgufWriter::finish() {
    if (state_->current < state_->places.size()) {
        return fail(ErrorKind::Bug, fmt::format("The data of {} is missing.", state_->places[state_->current].name),
                    "Write all tensors first.");
    }
    if (auto good = state_->pad_to(state_->end); !good) return good;
    errno = 0;
    std::FILE* out = state_->out.release();
    const bool flushed = std::fflush(out) == 0;
    const int flush_code = errno;
    const bool closed = std::fclose(out) == 0;
    std::error_code problem;
    if (flushed && closed) {
        fs::rename(state_->part, state_->file, problem);
        if (!problem) return {};
    }
    const int code = problem ? problem.value() : flushed ? errno : flush_code;
    fs::remove(state_->part, problem);
    return cannot_write(state_->file, code);
}

std::uint64_t GgufWriter::bytes_written() const { return state_->written; }

Result<void> check_target(const fs::path& file, std::uint64_t bytes, bool replace) {
    if (auto good = check_name(file, replace); !good) return good;
    std::error_code problem;
    const auto space = fs::space(folder_of(file), problem);
    if (problem || space.available >= bytes) return {};
    return fail(ErrorKind::Failed,
                fmt::format("{} needs {:.1f} MB, but only {:.1f} MB are free there.", file.string(),
                            static_cast<double>(bytes) / kMb, static_cast<double>(space.available) / kMb),
                "Free some space, or choose a folder on another disk.");
}

}  // namespace landauer
