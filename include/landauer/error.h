// How every landauer function says that it could not do what it was asked.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace landauer {

enum class ErrorKind {
    Absent,       // this machine has no such thing
    Denied,       // it has, we may not: the remedy is the exact command
    Failed,       // the world let us down
    Invalid,      // the caller's input
    Interrupted,  // the user asked us to stop
    Refused,      // a gate that the caller set said no
    Bug,          // ours
};

struct Error {
    ErrorKind kind = ErrorKind::Bug;
    std::string sentence;  // what happened to what, one sentence
    std::string remedy;    // what to do about it; empty only for Interrupted
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string sentence, std::string remedy) {
    return tl::unexpected<Error>(Error{kind, std::move(sentence), std::move(remedy)});
}

[[nodiscard]] std::string_view name(ErrorKind kind);

// 0 ok, 1 failed, 2 bad usage or input, 3 a gate said no, 130 interrupted.
[[nodiscard]] int exit_code(ErrorKind kind);

}  // namespace landauer
