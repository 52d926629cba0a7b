#include "platform/system_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace landauer {

Error file_error(int error_number, const char* verb, const std::filesystem::path& file) {
    const std::string name = file.string();
    switch (error_number) {
        case ENOENT:
        case ENOTDIR:
        case ENODEV:
        case ENXIO:
            return {ErrorKind::Absent, fmt::format("There is no {}.", name),
                    "Check the name, and that the file is there."};
        case EACCES:
        case EPERM:
            return {ErrorKind::Denied, fmt::format("This user may not {} {}.", verb, name),
                    fmt::format("Allow it: sudo chmod a+r '{}'", name)};
        case EMFILE:
        case ENFILE:
            return {ErrorKind::Failed, fmt::format("Could not {} {}: too many files are open.", verb, name),
                    "Raise the limit with ulimit -n, or end other programs."};
        default:
            return {ErrorKind::Failed,
                    fmt::format("Could not {} {}: {}.", verb, name, std::generic_category().message(error_number)),
                    "Check the file and the disk it is on."};
    }
}

}  // namespace landauer
