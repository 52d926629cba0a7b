#include "score/endpoint_reply.h"

#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "platform/text.h"

namespace landauer {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestMessage = 200;

std::string text_at(const Json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>()
                                                                             : std::string();
}

std::int64_t count_at(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

// The text of a message: a string, or a list of parts.
std::string content_of(const Json& message) {
    const auto content = message.is_object() ? message.find("content") : message.end();
    if (!message.is_object() || content == message.end() || !content->is_array()) {
        return text_at(message, "content");
    }
    std::string text;
    for (const Json& part : *content) {
        text += text_at(part, "text");
    }
    return text;
}

// One line without control characters, cut between characters.
std::string clean_line(std::string_view text) {
    std::string line = to_valid_utf8(text.substr(0, kLongestMessage));
    for (char& c : line) {
        c = static_cast<unsigned char>(c) < ' ' || c == 0x7F ? ' ' : c;
    }
    if (const std::size_t cut = line.rfind("\xEF\xBF\xBD");
        text.size() > kLongestMessage && cut != std::string::npos && cut + 3 == line.size()) {
        line.resize(cut);
    }
    return std::string(trim(line));
}

}  // namespace

std::string chat_request(const std::string& model, const std::string& question, std::int32_t n_gen,
                         const EndpointDialect& dialect) {
    Json request = {
        {"model", model}, {"messages", Json::array({{{"role", "user"}, {"content", question}}})}, {"stream", false}};
    request[dialect.max_completion_tokens ? "max_completion_tokens" : "max_tokens"] = n_gen;
    if (!dialect.no_temperature) {
        request["temperature"] = 0;
    }
    return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

tl::expected<ChatReply, std::string> parse_chat_reply(std::string_view body) {
    if (!is_valid_utf8(body)) {
        return tl::unexpected<std::string>("its answer is not UTF-8");
    }
    const Json json = Json::parse(body, nullptr, false);
    if (!json.is_object()) {
        return tl::unexpected<std::string>("its answer is no JSON object");
    }
    const auto choices = json.find("choices");
    if (choices == json.end() || !choices->is_array() || choices->empty() || !choices->front().is_object()) {
        return tl::unexpected<std::string>("its answer has no choices");
    }
    const Json& choice = choices->front();
    ChatReply reply;
    reply.text = choice.contains("message") ? content_of(choice.at("message")) : std::string();
    reply.model = text_at(json, "model");
    reply.is_cut_off = text_at(choice, "finish_reason") == "length";
    if (trim(reply.text).empty()) {
        return tl::unexpected<std::string>(reply.is_cut_off ? "its tokens were used up before any answer"
                                                            : "its answer is empty");
    }
    if (const auto usage = json.find("usage"); usage != json.end() && usage->is_object()) {
        reply.n_prompt = count_at(*usage, "prompt_tokens");
        reply.n_gen = count_at(*usage, "completion_tokens");
    }
    return reply;
}

EndpointComplaint parse_complaint(std::string_view body) {
    const Json json = Json::parse(body, nullptr, false);
    if (!json.is_object() || !json.contains("error")) {
        return {};
    }
    const Json& error = json.at("error");
    if (error.is_string()) {
        return {clean_line(error.get<std::string>()), "", ""};
    }
    return {clean_line(text_at(error, "message")), text_at(error, "code"), text_at(error, "param")};
}

EndpointDialect dialect_after(const EndpointComplaint& complaint, EndpointDialect dialect) {
    const auto names = [&](const char* what) {
        return complaint.param == what || complaint.message.find(what) != std::string::npos;
    };
    if (!dialect.max_completion_tokens && names("max_completion_tokens")) {
        dialect.max_completion_tokens = true;
    } else if (!dialect.no_temperature && names("temperature")) {
        dialect.no_temperature = true;
    }
    return dialect;
}

}  // namespace landauer
