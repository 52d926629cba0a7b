// What this machine is: read from /proc, /sys and /etc under a root.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/environment.h"

namespace landauer {

[[nodiscard]] std::string read_cpu_model(const std::filesystem::path& root);
// All flags ("Features" on ARM) of the first CPU.
[[nodiscard]] std::vector<std::string> read_cpu_flags(const std::filesystem::path& root);
// "performance", or "performance, powersave" where cores differ; empty without cpufreq.
[[nodiscard]] std::string read_governor(const std::filesystem::path& root);
// "on", "off", or empty where the kernel does not say.
[[nodiscard]] std::string read_turbo(const std::filesystem::path& root);
// "none", or what kind of virtual machine this is as far as can be told.
[[nodiscard]] std::string read_virtualisation(const std::filesystem::path& root);
// "docker", "podman", what systemd says, or empty outside of containers.
[[nodiscard]] std::string read_container(const std::filesystem::path& root);

// The facts of core/environment.h that the machine itself tells: cpu_model, cpu_flags (those
// that matter to arithmetic), n_cpu_physical, n_cpu_logical, cpus_allowed, cpu_quota,
// governor, turbo, kernel, os, virtualisation, container, mem_total_bytes, mem_limit_bytes,
// compiler, hostname_hash. A fact that cannot be read is left out.
[[nodiscard]] Environment read_environment(const std::filesystem::path& root = "/");

}  // namespace landauer
