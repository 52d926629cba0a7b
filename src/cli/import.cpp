#include "gguf/hf/import.h"

#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/import_base.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

struct ImportWords {
    ImportRequest request;
    fs::path out;
    bool dry_run = false;
    bool force = false;
};

void show_plan(const ImportPlan& plan) {
    for (const std::string& note : plan.notes) talk(fmt::format("note: {}\n", note));
    const HfConfig& config = plan.config;
    print(fmt::format("{}: {} as {}, {} layers of {} columns, {:.1f} M parameters in {} tensors\n", plan.name,
                      config.hf_architecture, config.architecture, config.n_layer, config.n_embd,
                      static_cast<double>(plan.n_params()) * 1e-6, plan.tensors.size()));
    print(fmt::format("Tokenizer: {}, {} tokens\n", plan.tokenizer, config.n_vocab));
    print(fmt::format("The file would have {} bytes.\n", plan.header.file_bytes()));
}

Result<void> import(const ImportWords& words) {
    if (words.out.empty() && !words.dry_run) {
        return fail(ErrorKind::Invalid, "No file to write is named.", "landauer import FOLDER -o model.gguf");
    }
    const auto plan = plan_import(words.request);
    if (!plan) return tl::unexpected(plan.error());
    if (words.dry_run) {
        show_plan(*plan);
        return {};
    }
    return import_folder(*plan, words.out, words.force);
}

}  // namespace

void add_import_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand("import", "A Hugging Face folder as a GGUF file, weights as they are");
    auto words = std::make_shared<ImportWords>();
    words->request.version = LANDAUER_VERSION;
    command->add_option("folder", words->request.folder, "Folder with config.json, tokenizer.json and *.safetensors")
        ->required();
    command->add_option("-o,--out", words->out, "GGUF file to write");
    command->add_option("--type", words->request.type,
                        "Store matrices as F32, F16, BF16 or Q8_0; default: as the folder has them");
    command->add_option("--pre", words->request.pre,
                        "How the tokenizer cuts text, by llama.cpp's name, if its own rules are not known");
    command->add_flag("--dry-run", words->dry_run,
                      "Check the folder and say what would come out; weights are not read");
    command->add_flag("--force", words->force, "Replace the file");
    command->footer(
        "Llama, SmolLM, Qwen2, Qwen2.5 and Qwen3, and the language part of Qwen2-VL and Qwen2.5-VL. Tensors are read "
        "one\n"
        "at a time, so that a model of any size needs little memory. What is not understood is refused, never "
        "guessed.\n\n"
        "Examples:\n"
        "  landauer import Qwen2.5-0.5B-Instruct -o qwen.gguf && landauer bench -m qwen.gguf\n"
        "  landauer import SmolLM2-135M -o smol.gguf --type Q8_0\n"
        "  landauer import SmolLM2-135M --dry-run");
    command->callback([words, &context] {
        if (const auto done = import(*words); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
