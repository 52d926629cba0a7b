#include "report/fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "analysis/run_image_laws.h"
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

// How the names of their metrics begin.
constexpr std::array<std::string_view, 3> kImagePhases = {"preprocess_", "encode_", "image_prefill_"};

constexpr std::array kImageFields = {
    BenchField{"image", kText, "", nullptr},
    BenchField{"mmproj", kText, "", nullptr},
    BenchField{"projector", kText, "", nullptr},
    BenchField{"image_min_tokens", kInt, "", nullptr},
    BenchField{"image_max_tokens", kInt, "", nullptr},
    BenchField{"predicted_knee_px", kInt, "", nullptr},
    BenchField{"predicted_knee_tokens", kInt, "", nullptr},
    BenchField{"image_width", kInt, "", [](const BenchRow& r) { return Json(r.prompt->image.width); }},
    BenchField{"image_height", kInt, "", [](const BenchRow& r) { return Json(r.prompt->image.height); }},
    BenchField{"n_image_tokens", kInt, "", [](const BenchRow& r) { return Json(r.prompt->image.n_tokens); }},
    BenchField{"n_image_patches", kInt, "", [](const BenchRow& r) { return Json(r.prompt->image.n_patches); }},
    BenchField{"image_effective_px", kInt, "", [](const BenchRow& r) { return Json(r.prompt->image.effective_px); }},
    BenchField{"n_image_slices", kInt, "", [](const BenchRow& r) { return Json(r.prompt->image.n_slices); }},
};

}  // namespace

std::span<const BenchField> image_fields() { return kImageFields; }
bool has_image(const BenchRow& row) { return row.prompt->image.width > 0; }
bool has_images(std::span<const RunAnalysis> runs) {
    return std::any_of(runs.begin(), runs.end(),
                       [](const RunAnalysis& run) { return run.data != nullptr && is_image_run(*run.data); });
}

std::vector<const Metric*> shown_metrics(bool with_images) {
    std::vector<const Metric*> out;
    for (const Metric& metric : metric_table()) {
        const bool of_pictures = std::any_of(kImagePhases.begin(), kImagePhases.end(),
                                             [&](std::string_view phase) { return metric.name.starts_with(phase); });
        if (with_images || !of_pictures) {
            out.push_back(&metric);
        }
    }
    return out;
}

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
