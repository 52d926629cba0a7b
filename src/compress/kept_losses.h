// What types and factors lose, kept between runs: another size of the same model asks for the same numbers.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compress/factor_losses.h"
#include "compress/type_losses.h"

namespace landauer {

// Nothing: no such file, another key, or one that is damaged.
[[nodiscard]] std::optional<TypeLosses> kept_type_losses(const std::filesystem::path& file, const std::string& key);
[[nodiscard]] std::optional<std::vector<PartLosses>> kept_factor_losses(const std::filesystem::path& file,
                                                                        const std::string& key);
// Whole or not at all; where that fails, nothing is kept.
void keep_losses(const std::filesystem::path& file, const std::string& key, const TypeLosses& losses);
void keep_losses(const std::filesystem::path& file, const std::string& key, const std::vector<PartLosses>& losses);

}  // namespace landauer
