// A loop compiled a second time for wider vectors, which is used where the processor has them.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
#define LANDAUER_WIDE __attribute__((target("avx2,fma")))
#define LANDAUER_HAS_WIDE (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#else
#define LANDAUER_WIDE
#define LANDAUER_HAS_WIDE false
#endif
#if defined(__GNUC__)
#define LANDAUER_LOOP [[gnu::always_inline]] inline
#else
#define LANDAUER_LOOP inline
#endif
