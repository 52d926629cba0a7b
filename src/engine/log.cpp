#include "engine/log.h"

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "llama.h"
#include "mtmd.h"

namespace landauer {
namespace {

constexpr std::size_t kKept = 64;  // lines: enough to explain, bounded whatever is logged

// libllama logs in pieces, from any thread; a line ends with its newline.
class LogKeeper {
   public:
    void append(ggml_log_level level, std::string_view text) {
        const std::lock_guard lock(mutex_);
        if (level != GGML_LOG_LEVEL_CONT) level_ = level;
        // Thousands of lines about single tensors, of use only to llama.cpp's own authors.
        if (level_ == GGML_LOG_LEVEL_DEBUG) return;
        partial_is_warning_ = partial_is_warning_ || level_ == GGML_LOG_LEVEL_WARN || level_ == GGML_LOG_LEVEL_ERROR;
        for (const char c : text) {
            if (c == '\n') {
                finish_line();
            } else {
                partial_ += c;
            }
        }
    }

    void clear() {
        const std::lock_guard lock(mutex_);
        warnings_.clear();
    }

    void set_sink(std::function<void(std::string_view)> sink) {
        const std::lock_guard lock(mutex_);
        sink_ = std::move(sink);
    }

    void tap(bool on) {
        const std::lock_guard lock(mutex_);
        tapped_.reset();
        if (on) tapped_.emplace();
    }

    std::vector<std::string> take_tapped() {
        const std::lock_guard lock(mutex_);
        return tapped_ ? std::exchange(*tapped_, {}) : std::vector<std::string>();
    }

    std::string last(std::size_t n) {
        const std::lock_guard lock(mutex_);
        std::string joined;
        const std::size_t first = warnings_.size() > n ? warnings_.size() - n : 0;
        for (std::size_t i = first; i < warnings_.size(); ++i) {
            if (!joined.empty()) joined += "; ";
            joined += warnings_[i];
        }
        return joined;
    }

   private:
    void finish_line() {
        if (sink_) sink_(partial_);
        if (tapped_) tapped_->push_back(partial_);
        if (partial_is_warning_ && !partial_.empty()) {
            warnings_.push_back(std::move(partial_));
            if (warnings_.size() > kKept) warnings_.pop_front();
        }
        partial_.clear();
        partial_is_warning_ = false;
    }

    std::mutex mutex_;
    std::function<void(std::string_view)> sink_;
    ggml_log_level level_ = GGML_LOG_LEVEL_NONE;
    std::string partial_;
    bool partial_is_warning_ = false;
    std::deque<std::string> warnings_;
    std::optional<std::vector<std::string>> tapped_;
};

// Never destroyed: libllama may log while the program ends.
LogKeeper& keeper() {
    static auto* the_keeper = new LogKeeper;
    return *the_keeper;
}

void on_log(ggml_log_level level, const char* text, void* /*user*/) {
    if (text == nullptr) return;
    keeper().append(level, text);
}

}  // namespace

void set_engine_log(std::function<void(std::string_view)> sink) {
    capture_engine_log();
    keeper().set_sink(std::move(sink));
}

void capture_engine_log() {
    static std::once_flag once;
    std::call_once(once, [] {
        llama_log_set(on_log, nullptr);
        mtmd_log_set(on_log, nullptr);
    });
}

void clear_engine_log() { keeper().clear(); }

std::string recent_engine_errors(std::size_t n) { return keeper().last(n); }

EngineLogTap::EngineLogTap() { keeper().tap(true); }

EngineLogTap::~EngineLogTap() { keeper().tap(false); }

// An object rather than a function: lines are only kept while one lives.
std::vector<std::string> EngineLogTap::take() { return keeper().take_tapped(); }  // NOLINT(readability-convert-member-functions-to-static)

}  // namespace landauer
