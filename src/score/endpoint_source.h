// Reference answers by any OpenAI-compatible endpoint, here or elsewhere.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "platform/http_post.h"
#include "score/answer_source.h"

namespace landauer {

struct EndpointSettings {
    HttpUrl url;           // as chat_url() makes it
    std::string model;     // what to ask for
    std::string key;       // never kept, logged or shown
    std::string key_name;  // the environment variable it is read from, for the remedy
    std::int32_t n_gen = 256;
    int timeout_ms = 300'000;
};

// The address of its chat completions, from how people write an endpoint: the host alone, with /v1, or whole.
[[nodiscard]] HttpUrl chat_url(HttpUrl url);

// Waits that long; false: interrupted meanwhile.
using Wait = std::function<bool(double seconds)>;
// Told why it waits and how long.
using RetryNote = std::function<void(const std::string& why, double seconds)>;

// Time-outs, broken connections, 408, 429 and 5xx are tried again up to six times with doubling pauses, or as long
// as Retry-After asks; answers that make no sense up to three times. Denied: 401, 403, a quota that is used up.
// Interrupted. Failed: everything else, naming the endpoint's host and what it said, never the key.
[[nodiscard]] std::unique_ptr<AnswerSource> make_endpoint_source(EndpointSettings settings, Wait wait, RetryNote note);

}  // namespace landauer
