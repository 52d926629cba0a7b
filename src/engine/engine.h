// What a model runner does for landauer, whichever library runs the model.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/image.h"
#include "core/records.h"
#include "vision/vision.h"

namespace landauer {

using Token = std::int32_t;

struct EngineSettings {
    std::filesystem::path model;
    std::int32_t n_ctx = 0;  // from the plan; 0: the smallest that the first trial needs
    std::int32_t n_batch = 2048;
    std::int32_t n_ubatch = 512;
    std::int32_t n_threads = 1;
    std::string type_k = "f16";
    std::string type_v = "f16";
    std::string flash_attn = "auto";    // auto, on, off
    std::string load_mode = "mmap";     // mmap, none, mlock, ... as in llama.cpp
    bool repack = true;                 // llama.cpp's extra buffer types
    bool prefix_cache = false;          // keep the longest common prefix between trials; not with images
    std::filesystem::path mmproj;       // vision projector; empty: text only
    std::int32_t image_min_tokens = 0;  // 0: the projector's own
    std::int32_t image_max_tokens = 0;
    friend bool operator==(const EngineSettings&, const EngineSettings&) = default;
};

struct Sampling {
    float temperature = 0.0F;  // 0: greedy
    std::uint32_t seed = 0;
    int top_k = 40;       // 0: all
    float top_p = 0.95F;  // 1: all
};

// One prompt to run. Either `text` (tokenised, with the chat template when asked) or a
// grid test as llama-bench does it: n_prompt random tokens, n_gen tokens without sampling,
// after n_depth tokens restored outside the phases.
struct TrialRequest {
    std::string text;
    std::shared_ptr<const RgbImage> image;  // before the text, as llama.cpp's programs put it; needs a projector
    bool chat_template = true;
    Sampling sampling;
    bool is_grid = false;
    std::int32_t n_prompt = 0;  // grid only
    std::int32_t n_depth = 0;   // grid only
    std::int32_t n_gen = 0;     // tokens to generate, at most
    bool ignore_eos = true;     // always n_gen tokens, so that costs compare; the answer still ends where it ended
    std::uint32_t seed = 0;     // of the grid's random tokens
};

// Which token belongs to which phase: prefill processes the prompt (less what the prefix
// cache held) and ends when its logits are there. The first generated token is sampled from
// those logits; every further one costs one pass through the model. So a text trial that
// generates n tokens decodes n - 1, as any chat program does, and the decode phase's
// n_tokens says n - 1. A grid test decodes n_gen tokens and samples none, as llama-bench.
//
// With an image: preprocess (resize, cut, tokenise), then piece by piece what the prompt is made of: text
// (prefill, n_tokens of text) and images (encode, then image_prefill; n_tokens embeddings each).
struct TrialResult {
    std::vector<PhaseRecord> phases;  // in order of time; n_tokens processed
    std::int64_t n_prompt = 0;        // tokens of the prompt, image included (grid: of the prefill; depth not counted)
    ImageRecord image;                // what became of the picture; all 0 without one
    std::int64_t n_reused = 0;        // of them found in the prefix cache
    std::int64_t n_gen = 0;           // tokens sampled (grid: decoded)
    std::string answer;               // valid UTF-8; ill-formed bytes replaced
    std::string stop;                 // "length": cut off; "end": the model ended it; "interrupted"
};

// Called on the engine's own thread at each edge; must be quick and must not throw.
using PhaseSink = std::function<void(PhaseKind kind, bool begins, std::int64_t t_ns)>;
// True: stop as soon as possible (polled inside prefill too).
using AbortPoll = std::function<bool()>;
using Progress = std::function<void(PhaseKind kind, double fraction)>;

// Bytes of memory that a load may take now (MemAvailable).
using MemoryAvailable = std::function<std::uint64_t()>;

// Any of them may be empty.
struct EngineHooks {
    PhaseSink phase;
    AbortPoll abort;
    Progress progress;
    MemoryAvailable memory;  // asked once a load, after the old model is gone; empty: no check
};

struct LoadResult {
    ModelRecord model;  // sha256 left empty
    PhaseRecord load;
    std::int32_t n_ctx = 0;  // 0: made when the first trial says how much it needs
    std::int32_t n_ctx_train = 0;
    std::vector<Caveat> caveats;  // e.g. "no-chat-template"
};

class Engine {
   public:
    Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    Engine(Engine&&) = delete;
    Engine& operator=(Engine&&) = delete;
    virtual ~Engine() = default;

    // Loads the model and makes a context; replaces a loaded one. Invalid: settings, and files
    // that are missing, empty, damaged or no GGUF. Failed: more memory than there is (said
    // from the header, before loading) and what libllama refuses. Interrupted: the abort poll.
    [[nodiscard]] virtual Result<LoadResult> load(const EngineSettings& settings, const EngineHooks& hooks) = 0;
    virtual void unload() = 0;

    // The tokens of a trial's prompt, special tokens and chat template included. Needs a
    // loaded model (`vocab_only` is enough).
    [[nodiscard]] virtual Result<std::vector<Token>> tokenize(const TrialRequest& request) = 0;

    // Runs one trial on a memory cleared of the trial before (but for --prefix-cache).
    // Invalid if prompt and answer do not fit the context; Interrupted when the abort
    // poll said so (the phases so far are lost with the trial).
    [[nodiscard]] virtual Result<TrialResult> run(const TrialRequest& request, const EngineHooks& hooks) = 0;

    // Facts for the environment: "engine", "llama_commit", "llama_build", "ggml_version",
    // "backend_features", "n_threads", ...
    [[nodiscard]] virtual std::map<std::string, std::string> facts() const = 0;
};

// Loads only the vocabulary of a model, enough for tokenize(); cheap.
[[nodiscard]] Result<std::unique_ptr<Engine>> open_vocabulary(const std::filesystem::path& model);

// What libmtmd makes of images of these sizes, for projectors that the vision room does not know: tokens,
// marker tokens and slices; the other figures stay 0. Loads the model's vocabulary and the projector's
// weights, encodes nothing. Errors as read_vision_model(), check_limits(), check_pair(); Failed: libmtmd's own.
[[nodiscard]] Result<std::vector<ImageCost>> count_image_tokens(const std::filesystem::path& model,
                                                                const std::filesystem::path& mmproj,
                                                                const ImageLimits& limits,
                                                                std::span<const ImageSize> sizes);

[[nodiscard]] std::unique_ptr<Engine> make_llama_engine();

// What images of these sizes will cost, before anything is encoded: from the projector's header, or, for a family
// that is not predicted, counted by libmtmd (which loads the projector).
[[nodiscard]] Result<std::vector<ImageCost>> image_costs(const EngineSettings& settings,
                                                         const std::vector<ImageSize>& sizes);

// Where the lines that libllama logs go, one call a line without its end; empty: nowhere.
// Process-wide; called on whichever thread logs, so the sink must be quick.
void set_engine_log(std::function<void(std::string_view)> sink);

// Cost model of the fake engine: seconds = load_s, then per phase a + b n + d n^2, spent by
// spinning (busy = 1) or sleeping (busy = 0) on the real clock scaled by `speed`.
struct FakeModel {
    double load_s = 0.02;
    double prefill_s = 0.002;
    double prefill_s_per_token = 0.0001;
    double prefill_s_per_token2 = 0.0;
    double decode_s = 0.0;
    double decode_s_per_token = 0.001;
    double noise = 0.0;  // relative sd of each phase's time, seeded
    double busy = 0.0;
    double speed = 1.0;
    std::uint32_t seed = 1;
    // Images: a token for so many pixels (0: it sees none), encode seconds = a n + b n^2 of its tokens.
    double image_px_per_token = 0.0;
    double image_preprocess_s_per_mpx = 0.01;
    double image_encode_s_per_token = 0.001;
    double image_encode_s_per_token2 = 0.0;
    double image_prefill_s_per_token = 0.0005;
    std::int64_t ram_bytes = 0;  // held while loaded
    std::string fail_at;         // a phase's name: fails there; empty: never
    std::int32_t n_ctx_train = 8192;
};
// A file that make_engine() takes for one: *.fake.json.
[[nodiscard]] bool is_fake_model(const std::filesystem::path& model);
// Reads a FakeModel from a JSON file ("fake-model.json"), so that `-m` can name it.
[[nodiscard]] Result<FakeModel> read_fake_model(const std::filesystem::path& file);
[[nodiscard]] std::unique_ptr<Engine> make_fake_engine(FakeModel model);

// The engine that serves a model file: fake for *.fake.json, else llama.
[[nodiscard]] Result<std::unique_ptr<Engine>> make_engine(const std::filesystem::path& model);

}  // namespace landauer
