// The control of a compression: nothing taken away, but quantised to about the same bytes under the same statistics.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <optional>

namespace landauer {

// Of `model`, about as large as `out`, kept in `folder` under its type's name; by error feedback, because plain
// rounding is no match for anything below four bits. Nothing: no type comes within a tenth of the size. Errors as
// quantise_model().
[[nodiscard]] Result<std::optional<std::filesystem::path>> fed_back_control(const std::filesystem::path& model,
                                                                            const std::filesystem::path& out,
                                                                            const std::filesystem::path& statistics,
                                                                            const std::filesystem::path& folder,
                                                                            std::int32_t n_threads);

}  // namespace landauer
