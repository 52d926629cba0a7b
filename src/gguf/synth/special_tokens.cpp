#include "gguf/synth/special_tokens.h"

#include <fmt/format.h>

namespace landauer {
namespace {

constexpr int kMostTiles = 6;  // a side, that SmolVLM has names for

const char* const kChatMl =
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const char* const kLlama3 =
    "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + "
    "'<|end_header_id|>\\n\\n' "
    "+ message['content'] + '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}";

const char* const kSmolVlm =
    "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize + ': ' + message['content'] + "
    "'<end_of_utterance>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";

SpecialTokens llama3() {
    SpecialTokens tokens;
    tokens.vocabulary = "llama-bpe";
    tokens.pre = "llama-bpe";
    tokens.bos = "<|begin_of_text|>";
    tokens.eos = "<|eot_id|>";
    tokens.adds_bos = true;
    tokens.control = {"<|begin_of_text|>",   "<|end_of_text|>",   "<|finetune_right_pad_id|>",
                      "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>",
                      "<|eot_id|>",          "<|python_tag|>"};
    tokens.renamed = {{128004, "<|finetune_right_pad_id|>"}, {128008, "<|eom_id|>"}, {128010, "<|python_tag|>"}};
    tokens.chat_template = kLlama3;
    return tokens;
}

SpecialTokens qwen2() {
    SpecialTokens tokens;
    tokens.vocabulary = "qwen2";
    tokens.pre = "qwen2";
    tokens.bos = "<|endoftext|>";
    tokens.eos = "<|im_end|>";
    tokens.padding = "<|endoftext|>";
    tokens.control = {"<|endoftext|>",      "<|im_start|>",     "<|im_end|>",     "<|object_ref_start|>",
                      "<|object_ref_end|>", "<|box_start|>",    "<|box_end|>",    "<|quad_start|>",
                      "<|quad_end|>",       "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
                      "<|image_pad|>",      "<|video_pad|>"};
    constexpr std::size_t kFirst = 151643;  // of the control tokens, in the published vocabulary
    for (std::size_t i = 0; i < tokens.control.size(); ++i) tokens.renamed.emplace_back(kFirst + i, tokens.control[i]);
    tokens.chat_template = kChatMl;
    return tokens;
}

SpecialTokens smollm2() {
    SpecialTokens tokens;
    tokens.pre = "smollm";
    tokens.bos = "<|im_start|>";
    tokens.eos = "<|im_end|>";
    tokens.padding = "<|im_end|>";
    tokens.control = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
    tokens.chat_template = kChatMl;
    return tokens;
}

SpecialTokens smolvlm() {
    SpecialTokens tokens = smollm2();
    tokens.eos = "<end_of_utterance>";
    tokens.control.emplace_back("<global-img>");
    for (int row = 1; row <= kMostTiles; ++row) {
        for (int column = 1; column <= kMostTiles; ++column) {
            tokens.control.push_back(fmt::format("<row_{}_col_{}>", row, column));
        }
    }
    for (const char* name : {"<fake_token_around_image>", "<image>", "<end_of_utterance>"}) {
        tokens.control.emplace_back(name);
    }
    tokens.chat_template = kSmolVlm;
    return tokens;
}

}  // namespace

SpecialTokens special_tokens(TokenizerFamily family) {
    switch (family) {
        case TokenizerFamily::llama3:
            return llama3();
        case TokenizerFamily::qwen2:
            return qwen2();
        case TokenizerFamily::smollm2:
            return smollm2();
        case TokenizerFamily::smolvlm:
            return smolvlm();
    }
    return {};
}

}  // namespace landauer
