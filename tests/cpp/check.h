// A test harness in one header: TEST("name") { CHECK(…); CHECK_EQ(a, b); }
//
// One test program is one .cpp that includes this; main is here. A failed check prints a line and
// the test goes on. argv[1] runs only the tests whose name contains it. SKIP leaves a test that
// this machine cannot run; with SKYLINE_NO_SKIP in the environment (CI) that is a failure.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace check {

struct Test {
  const char* name;
  void (*run)();
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}
inline int& failures() {
  static int count = 0;
  return count;
}

struct Registration {
  Registration(const char* name, void (*run)()) { tests().push_back({name, run}); }
};

inline void fail(const char* file, int line, const std::string& what) {
  constexpr int kEnoughLines = 100;
  if (++failures() > kEnoughLines) return;  // a loop that fails says the same thing for ever
  const char* slash = std::strrchr(file, '/');
  std::printf("  FAILED %s:%d: %s\n", slash != nullptr ? slash + 1 : file, line, what.c_str());
  std::fflush(stdout);
}

struct Skipped {
  std::string reason;
};

template <typename T, typename = void>
struct IsPrintable : std::false_type {};
template <typename T>
struct IsPrintable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};

template <typename T>
std::string shown(const T& value) {
  std::ostringstream text;
  if constexpr (IsPrintable<T>::value) {
    text << std::boolalpha << value;
  } else {
    text << "(" << sizeof(T) << " bytes)";
  }
  return text.str();
}

template <typename A, typename B>
void equal(const A& a, const B& b, const char* text, const char* file, int line) {
  if (!(a == b)) fail(file, line, std::string(text) + ": " + shown(a) + " against " + shown(b));
}

inline int run_all(const char* filter) {
  int ran = 0;
  for (const Test& test : tests()) {
    if (filter != nullptr && std::strstr(test.name, filter) == nullptr) continue;
    const int before = failures();
    std::string skipped;
    try {
      test.run();
    } catch (const Skipped& skip) {
      skipped = skip.reason;
      if (std::getenv("SKYLINE_NO_SKIP") != nullptr) fail(test.name, 0, "skipped: " + skipped);
    } catch (const std::exception& error) {
      fail(test.name, 0, std::string("exception: ") + error.what());
    }
    ++ran;
    const char* verdict = failures() != before ? "FAILED" : !skipped.empty() ? "skipped" : "ok";
    std::printf("%-7s %s%s%s\n", verdict, test.name, skipped.empty() ? "" : ": ", skipped.c_str());
    std::fflush(stdout);
  }
  std::printf("%d tests, %d failures\n", ran, failures());
  // A filter that matches nothing must not look like success.
  return failures() == 0 && ran > 0 ? 0 : 1;
}

}  // namespace check

#define CHECK_JOIN_(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_(a, b)

#define TEST(name)                                                             \
  static void CHECK_JOIN(test_, __LINE__)();                                   \
  static const check::Registration CHECK_JOIN(registration_, __LINE__)(        \
      name, CHECK_JOIN(test_, __LINE__));                                      \
  static void CHECK_JOIN(test_, __LINE__)()

#define CHECK(condition)                                             \
  do {                                                               \
    if (!(condition)) check::fail(__FILE__, __LINE__, #condition);   \
  } while (false)

#define CHECK_EQ(a, b) check::equal((a), (b), #a " == " #b, __FILE__, __LINE__)

// With words of one's own about what failed.
#define CHECK_SAY(condition, words)                                                    \
  do {                                                                                 \
    if (!(condition)) check::fail(__FILE__, __LINE__, std::string(#condition ": ") + (words)); \
  } while (false)

#define CHECK_THROWS(expression, Exception)                                            \
  do {                                                                                 \
    bool caught = false;                                                               \
    try {                                                                              \
      expression;                                                                      \
    } catch (const Exception&) {                                                       \
      caught = true;                                                                   \
    }                                                                                  \
    if (!caught) check::fail(__FILE__, __LINE__, #expression " did not throw " #Exception); \
  } while (false)

#define SKIP(reason) throw check::Skipped{reason}

int main(int argc, char** argv) { return check::run_all(argc > 1 ? argv[1] : nullptr); }
