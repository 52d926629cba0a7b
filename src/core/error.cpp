#include <landauer/error.h>

namespace landauer {

std::string_view name(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Absent:
            return "absent";
        case ErrorKind::Denied:
            return "denied";
        case ErrorKind::Failed:
            return "failed";
        case ErrorKind::Invalid:
            return "invalid";
        case ErrorKind::Interrupted:
            return "interrupted";
        case ErrorKind::Refused:
            return "refused";
        case ErrorKind::Bug:
            return "bug";
    }
    return "bug";
}

int exit_code(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Invalid:
            return 2;
        case ErrorKind::Refused:
            return 3;
        case ErrorKind::Interrupted:
            return 130;
        case ErrorKind::Absent:
        case ErrorKind::Denied:
        case ErrorKind::Failed:
        case ErrorKind::Bug:
            return 1;
    }
    return 1;
}

}  // namespace landauer
