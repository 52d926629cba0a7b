#include "cli/command.h"

namespace landauer {

void add_all_commands(CLI::App& app, CommandContext& context) {
    add_bench_command(app, context);
    add_compare_command(app, context);
    add_compress_command(app, context);
    add_heal_command(app, context);
    add_import_command(app, context);
    add_laws_command(app, context);
    add_predict_command(app, context);
    add_score_command(app, context);
    add_report_command(app, context);
    add_runs_command(app, context);
    add_meters_command(app, context);
    add_doctor_command(app, context);
    add_selftest_command(app, context);
    add_synth_command(app, context);
    add_completion_command(app, context);
    add_man_command(app, context);
}

}  // namespace landauer
