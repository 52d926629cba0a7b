#include "report/fields.h"

#include <array>
#include <charconv>
#include <cmath>

#include "core/utf8.h"

namespace landauer {
namespace {

using Json = nlohmann::json;

Json whole(double value) { return std::isfinite(value) ? Json(std::llround(value)) : Json(nullptr); }
Json real(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json integer_from(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() && end == text.data() + text.size() ? Json(value) : Json(0);
}

// llama.cpp's numbers for the words of -fa.
Json flash_attention(const BenchRow& row) {
    const auto found = row.run->data->run.settings.find("flash_attn");
    const std::string word = found == row.run->data->run.settings.end() ? "auto" : found->second;
    return word == "on" || word == "1" ? Json(1) : word == "off" || word == "0" ? Json(0) : Json(-1);
}

const RunRecord& record(const BenchRow& row) { return row.run->data->run; }

std::string version_of(const BenchRow& row) { return row.session == nullptr ? "" : row.session->session.version; }

constexpr auto kText = FieldType::text;
constexpr auto kBool = FieldType::boolean;
constexpr auto kInt = FieldType::integer;
constexpr auto kReal = FieldType::real;

constexpr std::array kBenchFields = {
    BenchField{"build_commit", kText, "", [](const BenchRow& r) { return Json(r.fact("llama_commit")); }},
    BenchField{"build_number", kInt, "", [](const BenchRow& r) { return integer_from(r.fact("llama_build")); }},
    BenchField{"cpu_info", kText, "", [](const BenchRow& r) { return Json(r.fact("cpu_model")); }},
    BenchField{"gpu_info", kText, "", nullptr},
    BenchField{"backends", kText, "", [](const BenchRow& r) { return Json(r.backend()); }},
    BenchField{"model_filename", kText, "", [](const BenchRow& r) { return Json(record(r).model.path); }},
    BenchField{"model_type", kText, "", [](const BenchRow& r) { return Json(record(r).model.type); }},
    BenchField{"model_size", kInt, "", [](const BenchRow& r) { return Json(record(r).model.size_bytes); }},
    BenchField{"model_n_params", kInt, "", [](const BenchRow& r) { return Json(record(r).model.n_params); }},
    BenchField{"n_batch", kInt, "2048", nullptr},
    BenchField{"n_ubatch", kInt, "512", nullptr},
    BenchField{"n_threads", kInt, "0", nullptr},
    BenchField{"cpu_mask", kText, "0x0", nullptr},
    BenchField{"cpu_strict", kBool, "0", nullptr},
    BenchField{"poll", kInt, "50", nullptr},
    BenchField{"type_k", kText, "f16", nullptr},
    BenchField{"type_v", kText, "f16", nullptr},
    BenchField{"n_gpu_layers", kInt, "-1", nullptr},
    BenchField{"n_cpu_moe", kInt, "0", nullptr},
    BenchField{"split_mode", kText, "layer", nullptr},
    BenchField{"main_gpu", kInt, "0", nullptr},
    BenchField{"no_kv_offload", kBool, "0", nullptr},
    BenchField{"flash_attn", kInt, "", flash_attention},
    BenchField{"devices", kText, "auto", nullptr},
    BenchField{"tensor_split", kText, "0.00", nullptr},
    BenchField{"tensor_buft_overrides", kText, "none", nullptr},
    BenchField{"load_mode", kText, "auto", nullptr},
    BenchField{"lazy_mode", kText, "auto", nullptr},
    BenchField{"embeddings", kBool, "0", nullptr},
    BenchField{"no_op_offload", kInt, "0", nullptr},
    BenchField{"no_host", kBool, "0", nullptr},
    BenchField{"repack", kBool, "1", nullptr},
    BenchField{"fit_target", kInt, "0", nullptr},
    BenchField{"fit_min_ctx", kInt, "0", nullptr},
    BenchField{"n_prompt", kInt, "", [](const BenchRow& r) { return Json(r.prompt->n_prompt - r.prompt->n_reused); }},
    BenchField{"n_gen", kInt, "", [](const BenchRow& r) { return Json(r.prompt->n_gen); }},
    BenchField{"n_depth", kInt, "", [](const BenchRow& r) { return Json(r.prompt->n_depth); }},
    BenchField{"test_time", kText, "", [](const BenchRow& r) { return Json(r.test_time); }},
    BenchField{"avg_ns", kInt, "", [](const BenchRow& r) { return whole(r.mean_ns()); }},
    BenchField{"stddev_ns", kInt, "", [](const BenchRow& r) { return whole(r.sd_ns()); }},
    BenchField{"avg_ts", kReal, "", [](const BenchRow& r) { return real(r.mean_ts()); }},
    BenchField{"stddev_ts", kReal, "", [](const BenchRow& r) { return real(r.sd_ts()); }},
};

constexpr std::array kOwnFields = {
    BenchField{"landauer_version", kText, "", [](const BenchRow& r) { return Json(version_of(r)); }},
    BenchField{"run_id", kInt, "", [](const BenchRow& r) { return Json(record(r).id); }},
    BenchField{"run_uuid", kText, "", [](const BenchRow& r) { return Json(record(r).uuid); }},
    BenchField{"run_label", kText, "", [](const BenchRow& r) { return Json(record(r).label); }},
    BenchField{"protocol", kText, "", [](const BenchRow& r) { return Json(record(r).protocol); }},
    BenchField{"plan_hash", kText, "", [](const BenchRow& r) { return Json(record(r).plan_hash); }},
    BenchField{"model_name", kText, "", [](const BenchRow& r) { return Json(record(r).model.name); }},
    BenchField{"model_sha256", kText, "", [](const BenchRow& r) { return Json(record(r).model.sha256); }},
    BenchField{"prompt_id", kText, "", [](const BenchRow& r) { return Json(r.prompt->prompt_id); }},
    BenchField{"n_reused", kInt, "", [](const BenchRow& r) { return Json(r.prompt->n_reused); }},
    BenchField{"n_valid", kInt, "", [](const BenchRow& r) { return Json(r.prompt->n_valid); }},
    BenchField{"n_spoiled", kInt, "", [](const BenchRow& r) { return Json(r.prompt->n_spoiled); }},
    BenchField{"energy_covers", kText, "", [](const BenchRow& r) { return Json(r.run->energy.covers); }},
    BenchField{"energy_provenance", kText, "", [](const BenchRow& r) { return Json(r.run->energy.provenance); }},
};

}  // namespace

std::span<const BenchField> bench_fields() { return kBenchFields; }
std::span<const BenchField> own_fields() { return kOwnFields; }

Json field_value(const BenchField& field, const BenchRow& row) {
    if (field.computed != nullptr) {
        Json value = field.computed(row);
        return value.is_string() ? Json(to_valid_utf8(value.get<std::string>())) : value;
    }
    const auto found = record(row).settings.find(std::string(field.name));
    const std::string text = found == record(row).settings.end() ? std::string(field.otherwise) : found->second;
    switch (field.type) {
        case FieldType::boolean:
            return text == "1" || text == "true";
        case FieldType::integer:
            return integer_from(text);
        case FieldType::real:
        case FieldType::text:
            break;
    }
    return to_valid_utf8(text);
}

}  // namespace landauer
