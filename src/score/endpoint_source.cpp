#include "score/endpoint_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "score/endpoint_reply.h"

namespace landauer {
namespace {

constexpr int kTries = 6;
constexpr int kSenselessTries = 3;
constexpr double kFirstPause_s = 1.0;
constexpr double kLongestPause_s = 120.0;
constexpr const char* kAgain = "Answers so far are kept: the same command goes on from there.";

// What to do after one attempt.
struct Attempt {
    std::optional<ChatReply> reply;
    std::optional<Error> final;  // no use in trying again
    Error last;                  // what is said when all attempts are used up
    bool is_senseless = false;   // answered, but not with an answer
    bool is_dialect = false;     // asked again at once, in another dialect
    std::optional<double> wait_s;
};

class EndpointSource final : public AnswerSource {
   public:
    EndpointSource(EndpointSettings settings, Wait wait, RetryNote note)
        : settings_(std::move(settings)), wait_(std::move(wait)), note_(std::move(note)) {}

    [[nodiscard]] const std::string& name() const override { return settings_.model; }

    [[nodiscard]] Result<MadeAnswer> ask(const Prompt& prompt, const std::function<bool()>& abort) override {
        double pause_s = kFirstPause_s;
        int senseless = 0;
        for (int n = 1;; ++n) {
            Attempt attempt = try_once(prompt.full_text(), abort);
            if (attempt.reply) {
                return made(std::move(*attempt.reply));
            }
            if (attempt.final) {
                return tl::unexpected(*attempt.final);
            }
            if (attempt.is_dialect) {
                continue;
            }
            senseless += attempt.is_senseless ? 1 : 0;
            if (n >= kTries || senseless >= kSenselessTries) {
                return tl::unexpected(attempt.last);
            }
            const double asked_s = attempt.wait_s.value_or(0.0);
            const double wait_s = std::max(pause_s, asked_s);
            if (asked_s > kLongestPause_s) {
                return fail(ErrorKind::Failed,
                            fmt::format("{} asks to wait {:.0f} s before the next question.", host(), asked_s), kAgain);
            }
            if (note_) {
                note_(attempt.last.sentence, wait_s);
            }
            if (!wait_(wait_s)) {
                return interrupted();
            }
            pause_s = std::min(2.0 * pause_s, kLongestPause_s);
        }
    }

   private:
    [[nodiscard]] std::string host() const { return settings_.url.host_words(); }

    [[nodiscard]] tl::unexpected<Error> interrupted() const {
        return fail(ErrorKind::Interrupted, fmt::format("Interrupted while asking {}.", host()), kAgain);
    }

    Attempt try_once(const std::string& question, const std::function<bool()>& abort) {
        const std::string body = chat_request(settings_.model, question, settings_.n_gen, dialect_);
        HttpAnswer answer = http_post_json({settings_.url, settings_.key, settings_.timeout_ms}, body, abort);
        answer.body = without_key(std::move(answer.body));  // should it be repeated there
        if (answer.end != HttpEnd::answered) {
            return not_answered(answer);
        }
        if (answer.status != 200) {
            return refused(answer);
        }
        Attempt attempt;
        auto reply = parse_chat_reply(answer.body);
        if (reply) {
            attempt.reply = std::move(*reply);
        } else {
            attempt.is_senseless = true;
            attempt.last = {ErrorKind::Failed, fmt::format("{} was asked, but {}.", host(), reply.error()),
                            "Try a larger -n or another --model; answers so far are kept."};
        }
        return attempt;
    }

    [[nodiscard]] Attempt not_answered(const HttpAnswer& answer) const {
        Attempt attempt;
        switch (answer.end) {
            case HttpEnd::interrupted:
                attempt.final = interrupted().value();
                break;
            case HttpEnd::not_trusted:
                attempt.final = Error{ErrorKind::Failed,
                                      fmt::format("The certificate of {} is not trusted by this machine.", host()),
                                      "Check the address, install the ca-certificates package, or set SSL_CERT_FILE "
                                      "to the file of your own authority."};
                break;
            case HttpEnd::not_spoken:
                attempt.final = Error{ErrorKind::Absent, "This build of landauer does not speak https.",
                                      "Build cpp-httplib with OpenSSL, or ask an endpoint over http."};
                break;
            case HttpEnd::no_answer:
            case HttpEnd::answered:
                attempt.last = {ErrorKind::Failed, fmt::format("{} gave no answer: {}.", host(), answer.why),
                                fmt::format("Check that it runs and its address. {}", kAgain)};
                break;
        }
        return attempt;
    }

    Attempt refused(const HttpAnswer& answer) {
        Attempt attempt;
        const EndpointComplaint complaint = parse_complaint(answer.body);
        const int status = answer.status;
        if (status == 401 || status == 403) {
            attempt.final = denied(status);
        } else if (complaint.code == "insufficient_quota") {
            attempt.final = Error{ErrorKind::Denied, fmt::format("The quota at {} is used up.", host()),
                                  fmt::format("Add credit there. {}", kAgain)};
        } else if (status == 408 || status == 429 || status >= 500) {
            attempt.wait_s = answer.retry_after_s;
            attempt.last = {ErrorKind::Failed, said(status, complaint), kAgain};
        } else if (const EndpointDialect next = dialect_after(complaint, dialect_); status == 400 && next != dialect_) {
            dialect_ = next;
            attempt.is_dialect = true;
        } else if (status >= 300 && status < 400) {
            attempt.final =
                Error{ErrorKind::Failed, fmt::format("{} sends its callers elsewhere (status {}).", host(), status),
                      "Give the address it moved to; the key is not carried there by itself."};
        } else {
            attempt.final = Error{ErrorKind::Failed, said(status, complaint),
                                  "Check --endpoint and --model against what that server offers."};
        }
        return attempt;
    }

    [[nodiscard]] Error denied(int status) const {
        return {ErrorKind::Denied,
                settings_.key.empty()
                    ? fmt::format("{} wants a key (status {}).", host(), status)
                    : fmt::format("{} refuses the key in {} (status {}).", host(), settings_.key_name, status),
                settings_.key.empty()
                    ? "Set it in the environment variable LANDAUER_API_KEY or OPENAI_API_KEY, or name "
                      "yours with --key-env."
                    : "Check that the key is right and may use this model."};
    }

    [[nodiscard]] std::string without_key(std::string text) const {
        const std::string& key = settings_.key;
        for (std::size_t at = 0; !key.empty() && (at = text.find(key, at)) != std::string::npos;) {
            text.replace(at, key.size(), "(key)");
            at += std::string_view("(key)").size();
        }
        return text;
    }

    // With what the endpoint says; once more without the key, which JSON may have spelt in another way.
    [[nodiscard]] std::string said(int status, const EndpointComplaint& complaint) const {
        std::string message = without_key(complaint.message);
        while (message.ends_with('.')) {
            message.pop_back();
        }
        return message.empty() ? fmt::format("{} answers with status {}.", host(), status)
                               : fmt::format("{} answers with status {}: {}.", host(), status, message);
    }

    MadeAnswer made(ChatReply reply) {
        MadeAnswer answer;
        answer.text = without_key(std::move(reply.text));
        answer.is_cut_off = reply.is_cut_off;
        answer.n_prompt = reply.n_prompt;
        answer.n_gen = reply.n_gen;
        answer.settings = {{"endpoint", host()}, {"n_gen", std::to_string(settings_.n_gen)}};
        answer.settings["temperature"] = dialect_.no_temperature ? "the endpoint's own" : "0";
        if (!reply.model.empty() && reply.model != settings_.model) {
            answer.settings["model"] = reply.model;
        }
        return answer;
    }

    EndpointSettings settings_;
    Wait wait_;
    RetryNote note_;
    EndpointDialect dialect_;
};

}  // namespace

HttpUrl chat_url(HttpUrl url) {
    if (url.path.empty()) {
        url.path = "/v1";
    }
    if (!url.path.ends_with("/chat/completions")) {
        url.path += "/chat/completions";
    }
    return url;
}

std::unique_ptr<AnswerSource> make_endpoint_source(EndpointSettings settings, Wait wait, RetryNote note) {
    return std::make_unique<EndpointSource>(std::move(settings), std::move(wait), std::move(note));
}

}  // namespace landauer
