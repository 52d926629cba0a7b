// Who gives reference answers: a model run here, or one behind an endpoint.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "plan/plan.h"

namespace landauer {

struct MadeAnswer {
    std::string text;
    bool is_cut_off = false;    // the token limit came first
    std::int64_t n_prompt = 0;  // tokens, as the source counts them
    std::int64_t n_gen = 0;
    std::map<std::string, std::string> settings;  // how it was made, kept with the reference
};

class AnswerSource {
   public:
    AnswerSource() = default;
    AnswerSource(const AnswerSource&) = delete;
    AnswerSource& operator=(const AnswerSource&) = delete;
    AnswerSource(AnswerSource&&) = delete;
    AnswerSource& operator=(AnswerSource&&) = delete;
    virtual ~AnswerSource() = default;

    [[nodiscard]] virtual const std::string& name() const = 0;
    // Interrupted when `abort` says so.
    [[nodiscard]] virtual Result<MadeAnswer> ask(const Prompt& prompt, const std::function<bool()>& abort) = 0;
};

}  // namespace landauer
