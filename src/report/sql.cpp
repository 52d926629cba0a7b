// SQL as llama-bench writes it, for sqlite3: one table, one row a prompt or test.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <vector>

#include "core/metrics.h"
#include "report/fields.h"
#include "report/formats.h"

namespace landauer {
namespace {

constexpr std::string_view kTable = "llama_bench";

// Beside each metric's own column: the ends of its interval and its standard deviation.
constexpr std::array<std::string_view, 4> kSuffixes = {"", "_low", "_high", "_sd"};

std::string_view sql_type(FieldType type) {
    switch (type) {
        case FieldType::text:
            return "TEXT";
        case FieldType::real:
            return "REAL";
        case FieldType::boolean:
        case FieldType::integer:
            break;
    }
    return "INTEGER";
}

// A quote is doubled; sqlite3's shell would end the statement at a NUL.
std::string text_literal(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        if (c != '\0') {
            out += c == '\'' ? "''" : std::string(1, c);
        }
    }
    return out + "'";
}

std::string literal(const nlohmann::json& value) {
    if (value.is_string()) {
        return text_literal(value.get<std::string>());
    }
    return value.is_null() ? "NULL" : value.is_boolean() ? (value.get<bool>() ? "1" : "0") : value.dump();
}

std::string literal(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "NULL"; }

// Ours beside llama-bench's; those of pictures where the run has any.
std::vector<std::span<const BenchField>> field_groups(bool with_images) {
    std::vector<std::span<const BenchField>> out = {bench_fields(), own_fields()};
    if (with_images) {
        out.push_back(image_fields());
    }
    return out;
}

std::string create(bool with_images) {
    std::string columns;
    const auto add = [&](const std::string& name, std::string_view type) {
        columns += fmt::format("{}  {} {}", columns.empty() ? "" : ",\n", name, type);
    };
    for (const auto fields : field_groups(with_images)) {
        for (const BenchField& field : fields) {
            add(std::string(field.name), sql_type(field.type));
        }
    }
    for (const Metric* const metric : shown_metrics(with_images)) {
        for (const std::string_view suffix : kSuffixes) {
            add(fmt::format("{}{}", metric->name, suffix), "REAL");
        }
    }
    return fmt::format("CREATE TABLE IF NOT EXISTS {} (\n{}\n);\n\n", kTable, columns);
}

std::string insert(const BenchRow& row) {
    std::string names;
    std::string values;
    const auto add = [&](const std::string& name, const std::string& value) {
        names += (names.empty() ? "" : ", ") + name;
        values += (values.empty() ? "" : ", ") + value;
    };
    for (const auto fields : field_groups(has_image(row))) {
        for (const BenchField& field : fields) {
            add(std::string(field.name), literal(field_value(field, row)));
        }
    }
    for (const auto& [name, figure] : row.prompt->figures) {
        if (find_metric(name) == nullptr) {
            continue;
        }
        add(name, literal(figure.value));
        add(name + "_low", literal(figure.ci95.low));
        add(name + "_high", literal(figure.ci95.high));
        if (const auto sd = row.prompt->sd.find(name); sd != row.prompt->sd.end()) {
            add(name + "_sd", literal(sd->second));
        }
    }
    return fmt::format("INSERT INTO {} ({}) VALUES ({});\n", kTable, names, values);
}

}  // namespace

std::string write_sql(std::span<const RunAnalysis> runs, const ReportOptions& /*options*/) {
    std::string out = create(has_images(runs));
    for (const RunAnalysis& run : runs) {
        for (const BenchRow& row : bench_rows(run)) {
            out += insert(row);
        }
    }
    return out;
}

}  // namespace landauer
