# Everything landauer takes from others, and why: docs/dependencies.md.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(SQLiteCpp REQUIRED)
find_package(CLI11 REQUIRED)
include(Llama)
