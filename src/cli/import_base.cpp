#include "cli/import_base.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "cli/command.h"
#include "cli/stage_line.h"
#include "gguf/writer.h"
#include "platform/signals.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

std::string size_words(std::uint64_t bytes) {
    const auto value = static_cast<double>(bytes);
    return value < 1e9 ? fmt::format("{:.1f} MB", value / 1e6) : fmt::format("{:.2f} GB", value / 1e9);
}

}  // namespace

Result<void> import_folder(const ImportPlan& plan, const fs::path& file, bool replace) {
    for (const std::string& note : plan.notes) talk(fmt::format("note: {}\n", note));
    const std::uint64_t bytes = plan.header.file_bytes();
    if (auto good = check_target(file, bytes, replace); !good) return good;
    StageLine line;
    auto done = write_import(plan, file, replace, [&](std::uint64_t written) {
        line.show("import", static_cast<double>(written) / static_cast<double>(bytes));
        return !interrupt_requested();
    });
    line.end();
    if (!done) return done;
    talk(fmt::format("{}: {} ({}), {:.1f} M parameters, {}, tokenizer {}\n", file.string(), plan.name,
                     plan.config.architecture, static_cast<double>(plan.n_params()) * 1e-6, size_words(bytes),
                     plan.tokenizer));
    return {};
}

fs::path base_path(const fs::path& out, const fs::path& work) {
    if (!work.empty()) return work / "base.gguf";
    return fs::path(out).replace_extension(".base.gguf");
}

Result<void> make_base(const ImportPlan& plan, const fs::path& base, bool replace) {
    std::error_code problem;
    if (is_import_of(plan, base)) {
        talk(fmt::format("Base: {}, imported before.\n", base.string()));
        return {};
    }
    if (fs::exists(base, problem) && !replace) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} is there already, and is not {} as it is now.", base.string(), plan.name),
                    "Move it away, or say --force.");
    }
    if (base.has_parent_path()) fs::create_directories(base.parent_path(), problem);
    // A killed import's rest goes as well.
    return import_folder(plan, base, /*replace=*/true);
}

Result<void> write_header_only(const ImportPlan& plan, const fs::path& file) {
    const std::string head = plan.header.bytes();
    std::ofstream stream(file, std::ios::binary);
    stream.write(head.data(), static_cast<std::streamsize>(head.size()));
    stream.close();
    std::error_code problem;
    if (stream) fs::resize_file(file, plan.header.file_bytes(), problem);
    if (stream && !problem) return {};
    return fail(ErrorKind::Failed, fmt::format("{} cannot be written.", file.string()),
                "Free some space in the folder for temporary files (TMPDIR).");
}

}  // namespace landauer
