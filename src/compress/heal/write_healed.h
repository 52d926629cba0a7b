// The student as a file: the source's bytes but for scales and gains.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "compress/heal/student.h"
#include "gguf/value.h"

namespace landauer {

inline constexpr const char* kHealedKey = "landauer.heal.version";
inline constexpr std::uint32_t kHealedVersion = 1;

// The student, settled.
// Written whole or not at all; returns the file's bytes. `making`: metadata beside the source's. Errors as GgufWriter;
// Failed: a scale that no half holds; Interrupted: `abort`.
[[nodiscard]] Result<std::uint64_t> write_healed(const Student& student, const std::filesystem::path& source,
                                                 const std::vector<std::pair<std::string, GgufValue>>& making,
                                                 const std::filesystem::path& out, const std::function<bool()>& abort,
                                                 const std::function<void(double)>& done);

}  // namespace landauer
