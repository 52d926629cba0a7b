#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>

#include "store/sql.h"

namespace landauer {
namespace {

constexpr const char* kNothingLost = "every finished trial is kept";

Error cannot_open(const std::filesystem::path& file) {
    std::error_code ignored;
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    if (!std::filesystem::exists(folder, ignored)) {
        return {
            ErrorKind::Absent,
            fmt::format("The store {} cannot be made: the folder {} does not exist.", file.string(), folder.string()),
            fmt::format("Run `mkdir -p {}`, or name another file with --store.", folder.string())};
    }
    if (std::filesystem::is_directory(file, ignored)) {
        return {ErrorKind::Invalid, fmt::format("The store {} is a folder, not a file.", file.string()),
                fmt::format("Name a file in it: --store {}.", (file / "landauer.db").string())};
    }
    return {
        ErrorKind::Denied,
        fmt::format("This user may not make or open the store {} in the folder {}.", file.string(), folder.string()),
        "Name a file in a folder of yours with --store, for example --store ~/landauer.db."};
}

}  // namespace

Error explain(const SQLite::Exception& failure, const std::filesystem::path& file) {
    const std::string path = file.string();
    switch (failure.getErrorCode() & 0xFF) {
        case SQLITE_FULL:
            return {ErrorKind::Failed, fmt::format("The disk under the store {} is full.", path),
                    fmt::format("Free some space there and run the same command again; {} and it continues from them.",
                                kNothingLost)};
        case SQLITE_CANTOPEN:
            return cannot_open(file);
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return {
                ErrorKind::Denied, fmt::format("The store {} is read-only for this user.", path),
                fmt::format("Run `chmod u+w {}` (its folder must be writable too), or name another file with --store.",
                            path)};
        case SQLITE_NOTADB:
            return {ErrorKind::Invalid,
                    fmt::format("The file {} is not a landauer store (it is no SQLite file).", path),
                    "Name another file with --store; this one was left as it is."};
        case SQLITE_CORRUPT:
            return {ErrorKind::Failed, fmt::format("The store {} is damaged: {}.", path, failure.what()),
                    fmt::format("Save what can be read with `sqlite3 {0} .recover | sqlite3 rescued.db`, or use "
                                "another file with --store.",
                                path)};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {ErrorKind::Failed, fmt::format("Another program kept the store {} locked for too long.", path),
                    fmt::format(
                        "Wait until it has ended and run the same command again, or use another file with --store; {}.",
                        kNothingLost)};
        case SQLITE_IOERR:
            return {ErrorKind::Failed, fmt::format("Reading or writing the store {} failed: {}.", path, failure.what()),
                    fmt::format("Check the disk (dmesg), or use another file with --store; {}.", kNothingLost)};
        case SQLITE_NOMEM:
            return {ErrorKind::Failed, fmt::format("There was not enough memory to use the store {}.", path),
                    "Close other programs, or choose a smaller model."};
        case SQLITE_TOOBIG:
            return {ErrorKind::Invalid, fmt::format("A text or block is too long for the store {}.", path),
                    "Use shorter prompts, or fewer samples between two trials."};
        case SQLITE_CONSTRAINT:
            return {
                ErrorKind::Invalid,
                fmt::format("The store {} refused a record that does not fit the others: {}.", path, failure.what()),
                "Check the ids given: the run and the session must be in this store."};
        default:
            return {ErrorKind::Failed, fmt::format("The store {} failed: {}.", path, failure.what()),
                    "Check it with `landauer runs list`, or use another file with --store."};
    }
}

Error explain(const std::exception& failure, const std::filesystem::path& file) {
    return {ErrorKind::Failed, fmt::format("The store {} could not be used: {}.", file.string(), failure.what()),
            "Check the file, or use another one with --store."};
}

}  // namespace landauer
