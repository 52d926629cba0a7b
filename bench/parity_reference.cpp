#include "parity_reference.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include "ggml-cpu.h"

namespace landauer {
namespace {

std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

struct Reference::State {
    ReferenceTest test;
    const llama_vocab* vocab = nullptr;
    llama_context* context = nullptr;
    llama_batch_ext* batch = nullptr;
    ggml_threadpool* threads = nullptr;
    std::mt19937_64 random;

    llama_token any_token() {
        return static_cast<llama_token>(random() % static_cast<std::uint64_t>(llama_vocab_n_tokens(vocab)));
    }
    llama_token first_token() { return llama_vocab_get_add_bos(vocab) ? llama_vocab_bos(vocab) : any_token(); }

    void add(llama_token token, llama_pos pos, bool output) const {
        const std::int32_t at = llama_batch_ext_add_token(batch, 0, token);
        llama_batch_ext_set_pos(batch, at, &pos);
        llama_batch_ext_set_output_logits(batch, at, output);
    }
    [[nodiscard]] bool process() const { return llama_process(context, LLAMA_PROCESS_TYPE_DECODE, batch) == 0; }
    [[nodiscard]] llama_pos next_position() const { return llama_memory_seq_pos_max(llama_get_memory(context), 0) + 1; }

    bool prompt() {
        llama_set_n_threads(context, test.n_threads, test.n_threads);
        std::vector<llama_token> tokens(static_cast<std::size_t>(test.n_batch));
        for (std::int32_t done = 0; done < test.n_prompt;) {
            const std::int32_t n = std::min(test.n_prompt - done, test.n_batch);
            tokens[0] = done == 0 ? first_token() : any_token();
            for (std::size_t i = 1; i < static_cast<std::size_t>(n); ++i) tokens[i] = any_token();
            llama_batch_ext_clear(batch);
            llama_pos pos = next_position();
            for (std::int32_t i = 0; i < n; ++i) add(tokens[static_cast<std::size_t>(i)], pos++, i == n - 1);
            if (!process()) return false;
            done += n;
        }
        llama_synchronize(context);
        return true;
    }

    bool generate() {
        llama_set_n_threads(context, test.n_threads, test.n_threads);
        llama_token token = first_token();
        llama_pos pos = next_position();
        for (std::int32_t i = 0; i < test.n_gen; ++i) {
            llama_batch_ext_clear(batch);
            add(token, pos++, true);
            if (!process()) return false;
            llama_synchronize(context);
            token = any_token();
        }
        return true;
    }
};

Reference::Reference(llama_model* model, const ReferenceTest& test) : state_(std::make_unique<State>()) {
    state_->test = test;
    state_->vocab = llama_model_get_vocab(model);
    auto params = llama_context_default_params();
    params.n_ctx = static_cast<std::uint32_t>(test.n_prompt + test.n_gen);
    params.n_batch = static_cast<std::uint32_t>(test.n_batch);
    params.n_ubatch = static_cast<std::uint32_t>(test.n_ubatch);
    params.swa_full = false;
    state_->context = llama_init_from_model(model, params);
    if (state_->context == nullptr) return;
    state_->batch = llama_batch_ext_init(state_->context);
    auto pool = ggml_threadpool_params_default(test.n_threads);
    state_->threads = ggml_threadpool_new(&pool);
    llama_attach_threadpool(state_->context, state_->threads, nullptr);
}

Reference::~Reference() {
    if (state_->batch != nullptr) llama_batch_ext_free(state_->batch);
    if (state_->context != nullptr) llama_free(state_->context);
    if (state_->threads != nullptr) ggml_threadpool_free(state_->threads);
}

bool Reference::is_ready() const { return state_->threads != nullptr; }

std::int64_t Reference::repetition(std::uint32_t seed) {
    state_->random.seed(seed);
    llama_memory_clear(llama_get_memory(state_->context), false);
    const std::int64_t begin = now_ns();
    if (state_->test.n_prompt > 0 && !state_->prompt()) return 0;
    if (state_->test.n_gen > 0 && !state_->generate()) return 0;
    return now_ns() - begin;
}

}  // namespace landauer
