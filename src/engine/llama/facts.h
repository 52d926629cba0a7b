// What libllama says about itself.
#pragma once

#include <map>
#include <string>

namespace landauer {

// "llama_version", "llama_commit", "llama_build", "ggml_version", "ggml_commit",
// "backend_features" (of the CPU backend, those in use), "cpu_backend".
[[nodiscard]] std::map<std::string, std::string> llama_facts();

}  // namespace landauer
