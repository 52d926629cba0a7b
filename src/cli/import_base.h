// A Hugging Face folder as the GGUF file that other commands go on from.
#pragma once

#include <landauer/error.h>

#include <filesystem>

#include "gguf/hf/import.h"

namespace landauer {

// Imports to `file` and tells how far it is and what came out. Errors as plan_import() and write_import(), and
// check_target()'s.
[[nodiscard]] Result<void> import_folder(const ImportPlan& plan, const std::filesystem::path& file, bool replace);

// Where the base of a smaller model is kept: in `work` when that is named, else beside `out`.
[[nodiscard]] std::filesystem::path base_path(const std::filesystem::path& out, const std::filesystem::path& work);

// Makes sure that `base` is the folder's import: one that is there already and newer than the folder is used. Another
// file of that name is replaced only if `replace`.
[[nodiscard]] Result<void> make_base(const ImportPlan& plan, const std::filesystem::path& base, bool replace);

// A file with the import's header and no weights (a hole of their size), for what is told from headers alone.
[[nodiscard]] Result<void> write_header_only(const ImportPlan& plan, const std::filesystem::path& file);

}  // namespace landauer
