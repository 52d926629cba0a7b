// What an OpenAI-compatible endpoint is asked, and what its answers mean.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace landauer {

// Which of its dialects the endpoint speaks; found out by asking.
struct EndpointDialect {
    bool max_completion_tokens = false;  // instead of max_tokens
    bool no_temperature = false;         // it refuses any but its own
    friend bool operator==(const EndpointDialect&, const EndpointDialect&) = default;
};

[[nodiscard]] std::string chat_request(const std::string& model, const std::string& question, std::int32_t n_gen,
                                       const EndpointDialect& dialect);

struct ChatReply {
    std::string text;
    std::string model;  // as the endpoint names it; may be empty
    bool is_cut_off = false;
    std::int64_t n_prompt = 0;
    std::int64_t n_gen = 0;
};

// Of an answer of status 200. The error is a phrase: "its answer is no JSON", "it gave no choices".
[[nodiscard]] tl::expected<ChatReply, std::string> parse_chat_reply(std::string_view body);

// Of any other status: what the endpoint says about it, as one clean short line; empty where it says nothing.
struct EndpointComplaint {
    std::string message;
    std::string code;   // "insufficient_quota"
    std::string param;  // "max_tokens"
};
[[nodiscard]] EndpointComplaint parse_complaint(std::string_view body);

// The dialect that a complaint asks for; the same where it asks for none.
[[nodiscard]] EndpointDialect dialect_after(const EndpointComplaint& complaint, EndpointDialect dialect);

}  // namespace landauer
