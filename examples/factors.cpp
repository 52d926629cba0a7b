// A program of libllama's that runs files of factors too: one line is landauer's.
//   factors MODEL.gguf "A prompt" [tokens]
#include <landauer/load_model.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "llama.h"

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    ggml_backend_load_all();
    const auto model = landauer::load_llama_model(argv[1], llama_model_default_params());  // this one
    if (!model) return std::fprintf(stderr, "%s\n", model.error().sentence.c_str()), 1;
    llama_context* context = llama_init_from_model(*model, llama_context_default_params());
    llama_sampler* greedy = llama_sampler_init_greedy();
    const llama_vocab* vocab = llama_model_get_vocab(*model);
    const std::string prompt = argv[2];
    std::vector<llama_token> tokens(prompt.size() + 8);
    const auto size = static_cast<int>(prompt.size());
    tokens.resize(static_cast<std::size_t>(
        llama_tokenize(vocab, prompt.c_str(), size, tokens.data(), static_cast<int>(tokens.size()), true, true)));
    for (int left = argc > 3 ? std::atoi(argv[3]) : 16; left > 0; --left) {
        if (llama_decode(context, llama_batch_get_one(tokens.data(), static_cast<int>(tokens.size()))) != 0) return 1;
        const llama_token next = llama_sampler_sample(greedy, context, -1);
        char piece[128];
        const int n = llama_token_to_piece(vocab, next, piece, sizeof(piece), 0, false);
        std::printf("%.*s", n, piece);
        tokens.assign(1, next);
    }
    std::printf("\n");
    llama_sampler_free(greedy);
    llama_free(context);
    llama_model_free(*model);
}
