#include "gguf/synth/synth.h"

#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/synth_scene.h"
#include "core/clock.h"
#include "gguf/writer.h"
#include "platform/signals.h"
#include "platform/terminal.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kRedrawNs = 200'000'000;

struct SynthWords {
    SynthRequest request;
    fs::path out;
    fs::path mmproj_out;
    SceneWords scene;
    bool list = false;
    bool dry_run = false;
    bool force = false;
};

std::string size_words(std::uint64_t bytes) {
    const auto value = static_cast<double>(bytes);
    return value < 1e9 ? fmt::format("{:.1f} MB", value / 1e6) : fmt::format("{:.2f} GB", value / 1e9);
}

std::string parameter_words(std::uint64_t n) {
    const auto value = static_cast<double>(n);
    return value < 1e9 ? fmt::format("{:.1f} M", value / 1e6) : fmt::format("{:.2f} B", value / 1e9);
}

std::string tokenizer_words(const SynthPlan& plan) {
    return plan.shape.is_tiny && plan.tokenizer == "byte fallback" ? "bytes" : plan.tokenizer;
}

std::string part_words(const SynthFile& part) {
    return fmt::format("{} tensors, {} parameters, {}", part.tensors.size(), parameter_words(part.n_params()),
                       size_words(part.header.file_bytes()));
}

std::string table_text(const TextTable& table) {
    std::string text;
    for (const std::string& line : table.lines()) {
        text += line + "\n";
    }
    return text;
}

Result<void> list_shapes() {
    TextTable table;
    table.rows = {{"shape", "parameters", "type", "model", "tower", "tokenizer", "stands for"}};
    table.right = {false, true, false, true, true, false, false};
    for (const SynthShape& shape : synth_shapes()) {
        SynthRequest request;
        request.shape = shape.name;
        const auto plan = plan_synth(request);
        if (!plan) {
            return tl::unexpected(plan.error());
        }
        const auto& tower = plan->tower;
        const std::uint64_t n_params = plan->model.n_params() + (tower ? tower->n_params() : 0);
        table.rows.push_back(
            {shape.name, parameter_words(n_params), shape.default_type, size_words(plan->model.header.file_bytes()),
             tower ? size_words(tower->header.file_bytes()) : "", tokenizer_words(*plan), shape.stands_for});
    }
    print(table_text(table));
    return {};
}

// Every tensor with its type, dimensions and bytes, and the sums.
void show_part(const std::string& what, const SynthFile& part) {
    const auto places = part.header.places();
    TextTable table;
    table.right = {false, false, false, true};
    for (std::size_t i = 0; i < places.size(); ++i) {
        const GgufTensorSpec& spec = part.tensors[i].spec;
        table.rows.push_back({spec.name, spec.type, fmt::format("{}", fmt::join(spec.shape, " x ")),
                              fmt::format("{}", places[i].bytes)});
    }
    print(table_text(table));
    print(fmt::format("{}: {} ({} bytes)\n", what, part_words(part), part.header.file_bytes()));
}

void show_plan(const SynthPlan& plan) {
    show_part(fmt::format("{} {}", plan.shape.title, plan.file_type.name), plan.model);
    if (plan.tower) {
        show_part("Vision tower", *plan.tower);
    }
    print(fmt::format("Tokenizer: {}\n", tokenizer_words(plan)));
}

Result<void> check_words(const SynthWords& words) {
    if (words.request.shape.empty()) {
        return fail(ErrorKind::Invalid, "No shape is named.", "See them with: landauer synth --list");
    }
    if (words.dry_run) {
        return {};
    }
    if (words.out.empty()) {
        return fail(ErrorKind::Invalid, "No file to write is named.",
                    fmt::format("landauer synth {0} -o {0}.gguf", words.request.shape));
    }
    std::error_code problem;
    const bool is_same = words.out.lexically_normal() == words.mmproj_out.lexically_normal() ||
                         fs::equivalent(words.out, words.mmproj_out, problem);
    if (is_same) {
        return fail(ErrorKind::Invalid, "Model and vision tower cannot be one file.",
                    "Give -o and --mmproj-out different names.");
    }
    return {};
}

Result<void> check_targets(const SynthPlan& plan, const SynthWords& words) {
    const std::uint64_t model_bytes = plan.model.header.file_bytes();
    if (words.mmproj_out.empty()) {
        return check_target(words.out, model_bytes, words.force);
    }
    if (!plan.tower) {
        return fail(ErrorKind::Invalid, fmt::format("{} has no vision tower.", plan.shape.name),
                    "Leave --mmproj-out out, or choose a shape that sees, e.g. qwen2-vl-2b.");
    }
    const std::uint64_t tower_bytes = plan.tower->header.file_bytes();
    if (auto good = check_target(words.mmproj_out, tower_bytes, words.force); !good) {
        return good;
    }
    // Both may go to the same disk.
    return check_target(words.out, model_bytes + tower_bytes, words.force);
}

Result<void> write_part(const SynthPlan& plan, const SynthFile& part, const fs::path& file, bool force) {
    const bool live = is_terminal(Stream::err);
    const std::uint64_t total = part.header.file_bytes();
    const std::int64_t begin_ns = system_clock().now_ns();
    std::int64_t shown_ns = 0;
    auto written = write_synth(plan, part, file, force, [&](std::uint64_t bytes) {
        const std::int64_t now_ns = system_clock().now_ns();
        if (live && now_ns - shown_ns >= kRedrawNs) {
            shown_ns = now_ns;
            talk(fmt::format("\r\x1b[K{} {:.0f} % of {}", file.filename().string(),
                             100.0 * static_cast<double>(bytes) / static_cast<double>(total), size_words(total)));
        }
        return !interrupt_requested();
    });
    if (live) {
        talk("\r\x1b[K");
    }
    if (!written) {
        return written;
    }
    const double seconds = static_cast<double>(system_clock().now_ns() - begin_ns) * 1e-9;
    talk(fmt::format("{}: {}, synthetic weights, in {}\n", file.string(), part_words(part), duration_words(seconds)));
    return {};
}

void tell_tokenizer(const SynthPlan& plan) {
    talk(fmt::format("Tokenizer: {}\n", tokenizer_words(plan)));
    if (plan.is_fallback) {
        talk(
            "note: The published vocabulary is not here, so that tokens are single bytes: costs per token are true, a "
            "text has more of them. Give one with --tokenizer FILE.gguf, or its folder in LANDAUER_VOCAB_DIR.\n");
    }
}

Result<void> synth(const SynthWords& words) {
    if (words.list) {
        return list_shapes();
    }
    if (words.request.shape == kSceneNoun) {
        SceneWords scene = words.scene;
        scene.out = words.out;
        scene.seed = static_cast<std::uint32_t>(words.request.seed);
        scene.force = words.force;
        return synth_scene(scene);
    }
    if (auto good = check_words(words); !good) {
        return good;
    }
    const auto plan = plan_synth(words.request);
    if (!plan) {
        return tl::unexpected(plan.error());
    }
    if (words.dry_run) {
        show_plan(*plan);
        return {};
    }
    if (auto good = check_targets(*plan, words); !good) {
        return good;
    }
    if (auto written = write_part(*plan, plan->model, words.out, words.force); !written) {
        return written;
    }
    const auto& tower = plan->tower;
    if (tower && !words.mmproj_out.empty()) {
        if (auto written = write_part(*plan, *tower, words.mmproj_out, words.force); !written) {
            return written;
        }
    } else if (tower) {
        talk("note: Its vision tower was not asked for: --mmproj-out FILE writes it as well.\n");
    }
    tell_tokenizer(*plan);
    return {};
}

}  // namespace

void add_synth_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand(
        "synth", "Random weights in a published model's shape: what it costs here, before it is downloaded");
    auto words = std::make_shared<SynthWords>();
    command->add_option("shape", words->request.shape,
                        "The model's shape (--list shows them), or traffic-scene for the built-in picture");
    command->add_option("-o,--out", words->out, "GGUF file to write");
    command->add_option("--mmproj-out", words->mmproj_out, "GGUF file for the vision tower of a shape that sees");
    command->add_option("--type", words->request.type,
                        fmt::format("Types of the weights, as llama-quantize assigns them: {}; the tower stays F16",
                                    fmt::join(file_type_names(), ", ")));
    command->add_option("--seed", words->request.seed, "The same number gives the same bytes, on every machine")
        ->capture_default_str();
    command->add_option("--tokenizer", words->request.tokenizer, "GGUF file whose tokenizer to take");
    command->add_option("--size", words->scene.size, "traffic-scene: its size, e.g. 1920x1080 or 720p")
        ->capture_default_str();
    command->add_option("--truth", words->scene.truth, "traffic-scene: also write what it shows, as JSON");
    command->add_flag("--force", words->force, "Replace files that are there");
    command->add_flag("--list", words->list, "Show the shapes and what they stand for");
    command->add_flag("--dry-run", words->dry_run, "Show tensors and sizes, write nothing");
    command->footer(
        "Cost depends on the shape and types of the weights, not on their values: time, CPU, memory and joules are\n"
        "those of the real model. Its answers are noise.\n\n"
        "Examples:\n"
        "  landauer synth llama-3.2-3b -o llama.gguf && landauer bench -m llama.gguf\n"
        "  landauer synth qwen2-vl-2b --type Q4_K_M -o vl.gguf --mmproj-out vl-mmproj.gguf\n"
        "  landauer synth --list");
    command->callback([words, &context] {
        if (const auto done = synth(*words); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
