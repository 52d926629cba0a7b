#include <fmt/format.h>

#include "cli/analysis_output.h"
#include "cli/command.h"
#include "report/report.h"

namespace landauer {
namespace {

struct LawsOptions {
    std::filesystem::path store = "landauer.db";
    std::vector<std::string> runs;
    std::filesystem::path cards;
};

std::string safe_file_name(std::string text) {
    for (char& c : text) {
        const bool keep =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        c = keep ? c : '_';
    }
    return text;
}

Result<void> write_card(const std::filesystem::path& folder, std::int64_t run, const std::string& what,
                        const LawCard& card) {
    const auto file = folder / fmt::format("run{}.{}.law.json", run, safe_file_name(what));
    if (auto written = write_output(file, to_json(card)); !written) {
        return written;
    }
    talk(fmt::format("Law card: {}\n", file.string()));
    return {};
}

// Of pictures: FOLDER/run7.seconds.law.json over tokens and run7.seconds.nominal_px.law.json over pixels.
Result<void> write_image_cards(const RunAnalysis& run, const std::filesystem::path& folder) {
    for (const Law2& law : run.image_laws) {
        if (auto written = write_card(folder, run.data->run.id, law.y, law.card); !written) {
            return written;
        }
        if (law.pixel_card) {
            if (auto written = write_card(folder, run.data->run.id, law.y + ".nominal_px", *law.pixel_card); !written) {
                return written;
            }
        }
    }
    return {};
}

// One file a law: FOLDER/run7.seconds.law.json
Result<void> write_cards(const AnalysedRuns& runs, const std::filesystem::path& folder) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) {
        return fail(ErrorKind::Failed,
                    fmt::format("The folder {} cannot be made: {}.", folder.string(), problem.message()),
                    "Choose another folder with --cards.");
    }
    for (const RunAnalysis& run : runs.analyses) {
        for (const Law1& law : run.laws) {
            for (const LawFit& fit : law.fits) {
                if (!fit.chosen) {
                    continue;
                }
                if (auto written = write_card(folder, run.data->run.id, law.y, fit.card); !written) {
                    return written;
                }
            }
        }
        if (auto written = write_image_cards(run, folder); !written) {
            return written;
        }
    }
    return {};
}

Result<void> laws(const LawsOptions& options) {
    auto runs = analyse_stored(options.store, options.runs);
    if (!runs) {
        return tl::unexpected(runs.error());
    }
    for (const RunAnalysis& run : runs->analyses) {
        print(render_laws(run, report_options({})));
    }
    if (const std::string clamps = render_clamps(runs->analyses, report_options({})); !clamps.empty()) {
        print("\n" + clamps);
    }
    return options.cards.empty() ? Result<void>() : write_cards(*runs, options.cards);
}

}  // namespace

void add_laws_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand("laws", "Fit and show the cost laws of a run");
    auto options = std::make_shared<LawsOptions>();
    add_store_option(*command, options->store);
    command->add_option("run", options->runs, "Runs by number or label (default: the last)");
    command->add_option("--cards", options->cards, "Write each chosen law as a JSON card into this folder");
    command->footer(
        "Examples:\n"
        "  landauer laws                    the last run\n"
        "  landauer laws 3 --cards cards    run 3; cards for other programs to predict with");
    command->callback([options, &context] {
        if (auto done = laws(*options); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
