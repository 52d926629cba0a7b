#include <fmt/format.h>

#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace landauer {
namespace {

using Json = nlohmann::json;

struct NumberKey {
    std::string_view name;
    double FakeModel::* field;
    double least;
    double most;
};

constexpr double kNoLimit = 1e9;

constexpr std::array kNumbers = {
    NumberKey{"load_s", &FakeModel::load_s, 0.0, kNoLimit},
    NumberKey{"prefill_s", &FakeModel::prefill_s, 0.0, kNoLimit},
    NumberKey{"prefill_s_per_token", &FakeModel::prefill_s_per_token, 0.0, kNoLimit},
    NumberKey{"prefill_s_per_token2", &FakeModel::prefill_s_per_token2, 0.0, kNoLimit},
    NumberKey{"decode_s", &FakeModel::decode_s, 0.0, kNoLimit},
    NumberKey{"decode_s_per_token", &FakeModel::decode_s_per_token, 0.0, kNoLimit},
    NumberKey{"image_px_per_token", &FakeModel::image_px_per_token, 0.0, kNoLimit},
    NumberKey{"image_preprocess_s_per_mpx", &FakeModel::image_preprocess_s_per_mpx, 0.0, kNoLimit},
    NumberKey{"image_encode_s_per_token", &FakeModel::image_encode_s_per_token, 0.0, kNoLimit},
    NumberKey{"image_encode_s_per_token2", &FakeModel::image_encode_s_per_token2, 0.0, kNoLimit},
    NumberKey{"image_prefill_s_per_token", &FakeModel::image_prefill_s_per_token, 0.0, kNoLimit},
    NumberKey{"noise", &FakeModel::noise, 0.0, 10.0},
    NumberKey{"busy", &FakeModel::busy, 0.0, 1.0},
    NumberKey{"speed", &FakeModel::speed, 1e-6, kNoLimit},
};

tl::unexpected<Error> bad_value(const std::string& key, const std::string& wanted) {
    return fail(ErrorKind::Invalid, fmt::format("The fake model's \"{}\" must be {}.", key, wanted),
                "Correct the value in the fake model's file.");
}

template <class Integer>
Result<void> read_integer(const std::string& key, const Json& value, Integer least, Integer& into) {
    constexpr Integer kMost = std::numeric_limits<Integer>::max();
    const bool is_in_range =
        value.is_number_integer() && (value.is_number_unsigned() ? value.get<std::uint64_t>() <= std::uint64_t{kMost}
                                                                 : value.get<std::int64_t>() >= std::int64_t{least});
    if (!is_in_range || value.get<std::int64_t>() < std::int64_t{least}) {
        return bad_value(key, fmt::format("a whole number from {} to {}", least, kMost));
    }
    into = value.get<Integer>();
    return {};
}

Result<void> read_fail_at(const Json& value, std::string& into) {
    if (value.is_string()) {
        into = value.get<std::string>();
        PhaseKind kind = PhaseKind::load;
        if (into.empty() || phase_kind_from_name(into, kind)) return {};
    }
    return bad_value("fail_at", "a phase's name (\"load\", \"image_encode\", \"prefill\", \"decode\") or empty");
}

Result<void> read_key(const std::string& key, const Json& value, FakeModel& model) {
    for (const NumberKey& number : kNumbers) {
        if (key != number.name) continue;
        const double read = value.is_number() ? value.get<double>() : std::nan("");
        if (!(read >= number.least && read <= number.most)) {
            return bad_value(key, fmt::format("a number from {} to {}", number.least, number.most));
        }
        model.*number.field = read;
        return {};
    }
    if (key == "seed") return read_integer(key, value, std::uint32_t{0}, model.seed);
    if (key == "ram_bytes") return read_integer(key, value, std::int64_t{0}, model.ram_bytes);
    if (key == "n_ctx_train") return read_integer(key, value, std::int32_t{1}, model.n_ctx_train);
    if (key == "fail_at") return read_fail_at(value, model.fail_at);
    return fail(ErrorKind::Invalid, fmt::format("A fake model has no \"{}\".", key),
                "Remove the key from the fake model's file, or correct its spelling.");
}

Result<FakeModel> parse(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) {
        return fail(ErrorKind::Invalid, "The fake model is not a JSON object.",
                    "Write one like {\"load_s\": 0.1, \"decode_s_per_token\": 0.01}.");
    }
    FakeModel model;
    for (const auto& [key, value] : json.items()) {
        if (auto read = read_key(key, value, model); !read) return tl::unexpected(read.error());
    }
    return model;
}

}  // namespace

Result<FakeModel> read_fake_model(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        return fail(ErrorKind::Invalid, fmt::format("The fake model {} cannot be read.", file.string()),
                    "Check the path given with -m.");
    }
    std::ostringstream text;
    text << stream.rdbuf();
    auto model = parse(text.str());
    if (!model) {
        auto error = model.error();
        error.sentence = fmt::format("{}: {}", file.string(), error.sentence);
        return tl::unexpected(error);
    }
    return model;
}

}  // namespace landauer
