// What the numbers were measured on. Rides with every result.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace landauer {

// Ordered facts by name; "cpu_model", "cpu_flags", "n_cpu_physical", "n_cpu_logical", "cpus_allowed",
// "governor", "kernel", "os", "virtualisation", "mem_total_bytes", "compiler", "llama_commit",
// "llama_build", "backend_features", "hostname_hash".
using Environment = std::map<std::string, std::string>;

struct EnvironmentDifference {
    std::string fact;
    std::string a;
    std::string b;
};
[[nodiscard]] std::vector<EnvironmentDifference> differences(const Environment& a, const Environment& b);

}  // namespace landauer
