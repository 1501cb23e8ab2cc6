/* Which sanitizer this code is built with: gcc defines a macro, clang answers __has_feature. */
#ifndef TENON_FRAMEWORK_BASE_SANITIZER_H
#define TENON_FRAMEWORK_BASE_SANITIZER_H

#if defined(__SANITIZE_ADDRESS__)
#define TENON_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define TENON_TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TENON_ASAN 1
#elif __has_feature(thread_sanitizer)
#define TENON_TSAN 1
#endif
#endif

/* As the manifest of a plugin names it. */
#if defined(TENON_ASAN)
#define TENON_SANITIZER "address"
#elif defined(TENON_TSAN)
#define TENON_SANITIZER "thread"
#else
#define TENON_SANITIZER "none"
#endif

#endif
