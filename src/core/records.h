// The records that flow from run through store to analysis and report. Plain data.
#pragma once

#include <landauer/caveat.h>
#include <landauer/sampler.h>
#include <landauer/trace.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/environment.h"
#include "core/image.h"
#include "core/scores.h"

namespace landauer {

enum class PhaseKind : std::uint8_t {
    load,
    image_preprocess,
    image_encode,
    image_prefill,  // the image's embeddings through the language model
    prefill,
    decode,
    idle,
    warmup,
};
[[nodiscard]] std::string_view name(PhaseKind kind);
[[nodiscard]] bool phase_kind_from_name(std::string_view text, PhaseKind& kind);

struct PhaseRecord {
    PhaseKind kind = PhaseKind::prefill;
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    std::int64_t n_tokens = 0;  // really processed in this phase
    friend bool operator==(const PhaseRecord&, const PhaseRecord&) = default;
};

// How far a trial may be trusted. Only A and B enter figures; C is kept, shown and repeated.
enum class Grade : char { A = 'A', B = 'B', C = 'C' };

// The picture of a trial, and what the model made of it. All 0: no picture.
struct ImageRecord {
    std::int32_t width = 0;  // as given, pixels
    std::int32_t height = 0;
    std::int64_t n_tokens = 0;      // embeddings that entered the language model
    std::int64_t n_patches = 0;     // what the encoder worked on; 0: not known
    std::int64_t effective_px = 0;  // pixels after the preprocessor; 0: not known
    std::int64_t n_slices = 0;      // encoder passes
    friend bool operator==(const ImageRecord&, const ImageRecord&) = default;
};

// One prompt executed once.
struct TrialRecord {
    std::int64_t id = 0;  // given by the store
    std::int64_t run_id = 0;
    std::int64_t session_id = 0;
    std::string key;        // identity in the plan, the same in every session: "P07/r2", "pp512/r0"
    std::string prompt_id;  // "P7" or a grid test's name "pp512+tg128 @ d256"
    int repetition = 0;
    int attempt = 0;  // 0 first; contended trials are tried again
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    std::int64_t n_prompt = 0;  // tokens of the prompt
    std::int64_t n_reused = 0;  // of them found in the prefix cache, not processed
    std::int64_t n_gen = 0;     // tokens generated
    std::int64_t n_depth = 0;   // tokens in the cache before the trial (grid)
    ImageRecord image;          // its tokens are in n_prompt too
    std::string answer;
    std::string stop;  // "length", "end", "interrupted"
    Grade grade = Grade::A;
    std::vector<PhaseRecord> phases;
    std::vector<Caveat> caveats;
    std::map<std::string, double> figures;  // metric name -> value, recomputable from raw samples
};

struct ModelRecord {
    std::int64_t id = 0;
    std::string path;
    std::string sha256;
    std::string name;              // general.name, else the file's stem
    std::string type;              // llama.cpp's description, e.g. "llama 135M Q4_1"
    std::uint64_t size_bytes = 0;  // tensors
    std::uint64_t n_params = 0;
    std::map<std::string, std::string> metadata;
};

// One model over its whole plan; a resumed plan continues the same run.
struct RunRecord {
    std::int64_t id = 0;
    std::int64_t model_id = 0;
    ModelRecord model;
    std::string plan_hash;  // models, prompts, settings and seed; what resume looks for
    std::string protocol;   // quick, paper, grid
    std::string label;      // the user's --label, else empty
    std::string created_utc;
    std::map<std::string, std::string> settings;  // n_threads, n_batch, type_k, ... as in llama-bench's fields
    std::string command;                          // the exact command line, to reproduce
    std::string prompts_json;                     // the prompts used, JSONL, so that a store stands alone
    std::string uuid;                             // given by the store; the same in every copy
};

// One invocation on one machine; its monotonic clock is the time base of its samples.
struct SessionRecord {
    std::int64_t id = 0;
    std::string started_utc;
    std::int64_t started_ns = 0;
    std::string ended_utc;  // empty: killed
    std::string command;
    std::string version;  // landauer's
    Environment environment;
    double rate_hz = 5.0;
    SamplerStats sampler;
    std::vector<PhaseRecord> idle;  // baselines: before the first load, before, after
    std::vector<Caveat> caveats;
    std::string uuid;  // given by the store; the same in every copy
};

// Everything stored about one run: what analysis and report read.
struct SessionData {
    SessionRecord session;
    std::vector<PhaseRecord> loads;  // model loads of this run in this session
    Trace trace;
};

struct RunData {
    RunRecord run;
    std::vector<TrialRecord> trials;       // finished ones, in order of time
    std::vector<SessionData> sessions;     // every session that holds one of them
    std::vector<RunScores> scores{};       // of its answers, newest first
    std::vector<TextScore> text_scores{};  // of its model
};

}  // namespace landauer
