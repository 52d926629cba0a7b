// What every format writes of the sample run, held against files that a person has read.
// tools/approve_goldens.sh writes them anew; the difference is then read before it is kept.
#include "golden.h"

#include "report/html.h"
#include "report/report.h"
#include "sample_run.h"

namespace landauer::test {
namespace {

void hold(const std::string& name, const std::string& text) {
    hold_golden(std::filesystem::path(GOLDEN) / "report" / name, text);
}

std::string written(const SampleRun& run, std::string_view format) {
    return find_format(format)->write(std::span(&run.analysis, 1), {});
}

TEST(Golden, Table) { hold("ladder.table.txt", written(sample_run(), "table")); }
TEST(Golden, TableWithEnergy) { hold("energy.table.txt", written(sample_run({.energy = true}), "table")); }
TEST(Golden, Laws) { hold("ladder.laws.txt", render_laws(sample_run().analysis, {})); }
TEST(Golden, Markdown) { hold("ladder.md", written(sample_run(), "md")); }
TEST(Golden, GridMarkdown) { hold("grid.md", written(sample_run({.spoiled = 0, .grid = true}), "md")); }
TEST(Golden, Csv) { hold("ladder.csv", written(sample_run({.prompts = 3}), "csv")); }
TEST(Golden, Json) { hold("ladder.json", written(sample_run({.prompts = 3}), "json")); }
TEST(Golden, Jsonl) { hold("ladder.jsonl", written(sample_run({.prompts = 3}), "jsonl")); }
TEST(Golden, Sql) { hold("ladder.sql", written(sample_run({.prompts = 3}), "sql")); }

TEST(Golden, HtmlWithoutItsLibraries) {
    SampleRun run = sample_run({.prompts = 3, .energy = true});
    for (Series& series : run.data->sessions[0].trace.series) {  // a picture's numbers need no reading
        series.t_ns.resize(20);
        series.raw.resize(20);
    }
    hold("ladder.html", html_page(std::span(&run.analysis, 1), {}, {}));
}

}  // namespace
}  // namespace landauer::test
