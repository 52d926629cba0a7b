// What the formats write of runs of pictures; see golden_test.cpp.
#include "golden.h"
#include "report/html.h"
#include "report/report.h"
#include "sample_images.h"

namespace landauer::test {
namespace {

void hold(const std::string& name, const std::string& text) {
    hold_golden(std::filesystem::path(GOLDEN) / "report" / name, text);
}

std::string written(const ImageRuns& runs, std::string_view format) {
    return find_format(format)->write(runs.analyses, {});
}

TEST(Golden, ImageTable) { hold("images.table.txt", written(image_run({.energy = true}), "table")); }
TEST(Golden, ImageTableWithoutAKnee) {
    hold("images.no_knee.table.txt", written(image_run({.clamp = 0, .is_synthetic = true}), "table"));
}
TEST(Golden, ImageLaws) { hold("images.laws.txt", render_laws(image_run().analyses[0], {})); }
TEST(Golden, Clamps) { hold("images.clamps.txt", render_clamps(clamped_runs().analyses, {})); }
TEST(Golden, ClampsMarkdown) {
    hold("images.clamps.md",
         written(image_runs({{.clamp = 60, .sizes = 8}, {.id = 5, .clamp = 30, .sizes = 8}}), "md"));
}
TEST(Golden, ImageCsv) { hold("images.csv", written(image_run({.sizes = 4, .repetitions = 1}), "csv")); }
TEST(Golden, ImageSql) { hold("images.sql", written(image_run({.sizes = 4, .repetitions = 1}), "sql")); }
TEST(Golden, ImageJsonl) { hold("images.jsonl", written(image_run({.sizes = 3, .repetitions = 1}), "jsonl")); }
TEST(Golden, ClampsHtmlWithoutItsLibraries) {
    hold("images.html",
         html_page(
             image_runs({{.clamp = 60, .sizes = 8, .is_synthetic = true}, {.id = 5, .clamp = 30, .sizes = 8}}).analyses,
             {}, {}));
}

}  // namespace
}  // namespace landauer::test
