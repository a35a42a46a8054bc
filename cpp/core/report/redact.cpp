#include "report/redact.h"

#include <regex>

namespace skyline {

std::string redact(const std::string& text) {
  static const std::regex user_info(R"((://[^\s/:@"']*):[^\s/@"']*@)");
  static const std::regex secret(
      R"(\b(passphrase|streamid|stream-key|[a-z-]*key|token|[a-z-]*secret|password|user-pw|proxy-pw|credential)(=|%3D|:\s?)("[^"]*"|'[^']*'|[^\s&;,"']+))",
      std::regex::icase);
  return std::regex_replace(std::regex_replace(text, user_info, "$1:***@"), secret, "$1$2***");
}

}  // namespace skyline
