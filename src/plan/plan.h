// What will be run, in which order, decided before anything runs.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/image.h"

namespace landauer {

struct Prompt {
    std::string id;        // "P1"
    std::string text;      // the context, which grows from prompt to prompt
    std::string question;  // appended after an empty line; may be empty
    std::string expected;  // for exact-match scores; may be empty
    [[nodiscard]] std::string full_text() const;
    friend bool operator==(const Prompt&, const Prompt&) = default;
};

// The built-in ladder P1-P19: one growing story, each text contains the one before.
[[nodiscard]] const std::vector<Prompt>& builtin_ladder();
// JSONL, one prompt a line: {"id", "text", "question"?, "expected"?}. Invalid: empty file,
// not UTF-8, not JSON, duplicate or missing ids, empty prompts; names the line.
[[nodiscard]] Result<std::vector<Prompt>> read_prompts(const std::filesystem::path& file);
[[nodiscard]] Result<std::vector<Prompt>> parse_prompts(std::string_view jsonl, std::string_view source);
[[nodiscard]] std::string to_jsonl(const std::vector<Prompt>& prompts);

// A test in llama-bench's manner: prompt tokens, generated tokens, tokens in the cache before.
struct GridTest {
    std::int32_t n_prompt = 0;
    std::int32_t n_gen = 0;
    std::int32_t n_depth = 0;
    [[nodiscard]] std::string name() const;  // "pp512", "tg128", "pp512+tg128", "... @ d256"
    friend bool operator==(const GridTest&, const GridTest&) = default;
};

// llama-bench's tests: each -p alone, each -n alone and each -pg pair, at every depth; each once.
struct GridLists {
    std::vector<std::int32_t> n_prompt;
    std::vector<std::int32_t> n_gen;
    std::vector<GridTest> pairs;
    std::vector<std::int32_t> n_depth;  // empty: 0
};
[[nodiscard]] std::vector<GridTest> grid_tests(const GridLists& lists);

// One execution to make.
struct TrialSpec {
    std::string key;  // stable over sessions: "P7/r2"
    std::string prompt_id;
    int model = 0;    // index into the plan's models
    int prompt = -1;  // index into prompts, or
    int grid = -1;    // index into grid tests
    int image = -1;   // index into images, beside a prompt
    int repetition = 0;
    friend bool operator==(const TrialSpec&, const TrialSpec&) = default;
};

struct PlanRequest {
    std::string protocol = "quick";   // quick, paper, grid
    std::vector<std::string> models;  // sha256 or path: the identity of each model
    std::vector<Prompt> prompts;      // ladder protocols
    std::vector<GridTest> grid;       // grid protocol
    std::vector<ImageSize> images;    // image ladder: one picture at these sizes, with the one prompt as its question
    int repetitions = 1;
    // Of the prompts of a repetition: the models take turns piece by piece, 1 to as many as there are prompts.
    int pieces = 1;
    std::int32_t n_gen = 64;  // ladder protocols: tokens generated a prompt
    std::uint32_t seed = 1;
    std::map<std::string, std::string> settings;  // what else makes two plans different
};

// "1280x720", an image trial's name.
[[nodiscard]] std::string image_name(ImageSize size);

// Trials in the order they will run: the prompts of a repetition shuffled by the seed and cut into pieces, each piece
// run by every model, ABBA over the pieces. One model: no reload between them.
struct Plan {
    PlanRequest request;
    std::vector<TrialSpec> trials;
    std::string hash;  // 16 hex digits over everything that makes results comparable
};

[[nodiscard]] Result<Plan> make_plan(const PlanRequest& request);

// The one to warm up with: the first, or the smallest picture. The plan has trials.
[[nodiscard]] const TrialSpec& cheapest_trial(const Plan& plan);

// Defaults of a protocol, as data: what --protocol NAME sets unless a flag says otherwise.
struct Protocol {
    std::string_view name;
    std::string_view help;
    int repetitions;
    std::int32_t n_gen;
    double rate_hz;
    double idle_s;      // least idle baseline, before and after
    double idle_cap_s;  // most
    double delay_s;     // pause before each trial: without one the CPU signal shows one long window
    bool is_grid;
    int n_resolutions;         // of an image ladder
    std::int32_t n_gen_image;  // tokens generated about an image
    bool reload;               // the model is loaded anew for each image
    std::string_view clamps;   // of an image ladder, as --image-max-pixels takes them; empty: the projector's own
};
[[nodiscard]] const std::vector<Protocol>& protocol_table();
[[nodiscard]] Result<Protocol> find_protocol(std::string_view name);

// llama-bench's list syntax: "512", "128,256", "0-512+128", "16-256*2"; repeats add up.
[[nodiscard]] Result<std::vector<std::int32_t>> parse_int_list(std::string_view text);
// "-pg": "512,128".
[[nodiscard]] Result<GridTest> parse_pair(std::string_view text);

}  // namespace landauer
