// By hand and not with std::regex: that recurses for each character, and a message as long as a
// description of somebody's own would overflow the stack of the thread that reports an error.
#include "report/redact.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace skyline {
namespace {

constexpr const char* kMask = "***";
constexpr std::size_t kLongestPassword = 1024;  // bounds the search for an '@' that may not be there

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool ends_word(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0 || c == '"' || c == '\''; }

class Redaction {
 public:
  explicit Redaction(const std::string& text) : text_(text) { out_.reserve(text.size()); }

  std::string run() {
    while (at_ < text_.size()) {
      const bool encoded = text_[at_] == '%';
      if (mask_user_info()) {
        if (is_rtmp_) mask_stream_key(encoded);
        continue;
      }
      if (is_name_char(text_[at_])) {
        copy_name();
      } else {
        out_ += text_[at_++];
      }
    }
    return std::move(out_);
  }

 private:
  // How long `c` is at `at`, plain or percent-encoded; 0 where it is not there.
  std::size_t length_of(char c, std::size_t at) const {
    if (at < text_.size() && text_[at] == c) return 1;
    static const char* const kHex = "0123456789ABCDEF";
    const auto code = static_cast<unsigned char>(c);
    const bool is_encoded = at + 2 < text_.size() && text_[at] == '%' && text_[at + 1] == kHex[code >> 4] &&
                            std::toupper(static_cast<unsigned char>(text_[at + 2])) == kHex[code & 15];
    return is_encoded ? 3 : 0;
  }
  void copy_to(std::size_t end) {
    out_.append(text_, at_, end - at_);
    at_ = end;
  }
  void mask_to(std::size_t end) {
    out_ += kMask;
    at_ = end;
  }

  // At "://": user:password@ loses its password. One that was not encoded may hold any of :/?#@.
  bool mask_user_info() {
    std::size_t start = at_;
    for (const char c : {':', '/', '/'}) {
      const std::size_t length = length_of(c, start);
      if (length == 0) return false;
      start += length;
    }
    const bool encoded = text_[at_] == '%';
    std::size_t colon = std::string::npos, password = 0, last_at = std::string::npos;
    bool in_authority = true, only_digits = true;
    for (std::size_t i = start; i < text_.size() && !ends_word(text_[i]) && i - start < kLongestPassword; ++i) {
      const bool is_end = in_authority && (text_[i] == '/' || text_[i] == '?' || text_[i] == '#' ||
                                           (encoded && length_of('/', i) != 0));
      if (is_end) {
        // "host:554/a@b" is a path; "user:pass/word@host" has a colon that no port follows.
        if (last_at != std::string::npos || colon == std::string::npos || only_digits || text_[start] == '[') break;
        in_authority = false;
      }
      const std::size_t colon_length = colon == std::string::npos ? length_of(':', i) : 0;
      if (colon_length != 0) {
        colon = i;
        password = i + colon_length;
        i = password - 1;
        continue;
      }
      if (length_of('@', i) != 0) last_at = i;
      if (colon != std::string::npos && in_authority)
        only_digits = only_digits && std::isdigit(static_cast<unsigned char>(text_[i])) != 0;
    }
    if (colon == std::string::npos || last_at == std::string::npos || last_at < password) {
      copy_to(start);
      return true;
    }
    copy_to(password);
    mask_to(last_at);
    return true;
  }

  // rtmp://host/application/key?query: whoever has what follows the application may publish.
  void mask_stream_key(bool encoded) {
    unsigned slashes = 0;
    for (std::size_t i = at_; i < text_.size() && !ends_word(text_[i]); ++i) {
      if (encoded && text_[i] == '&') return;
      const std::size_t length = length_of('/', i);
      if (length == 0 || ++slashes != 2) continue;
      std::size_t end = i + length;
      while (end < text_.size() && !ends_word(text_[end]) && !(encoded && text_[end] == '&')) ++end;
      if (end == i + length) return;
      copy_to(i + length);
      mask_to(end);
      return;
    }
  }

  // A name, and where it is a secret's and something is assigned to it, the mask for its value.
  void copy_name() {
    std::size_t end = at_;
    while (end < text_.size() && is_name_char(text_[end])) ++end;
    constexpr std::size_t kLongestName = 64;
    const std::string name =
        text_.substr(std::max(at_, end - std::min(end, kLongestName)), std::min(end - at_, kLongestName));
    copy_to(end);
    is_rtmp_ = lower(name).compare(0, 4, "rtmp") == 0;
    // rtmp2sink and librtmp have the key under these names; a "stream:" in a message is none.
    const bool is_key_of_rtmp = lower(name) == "playpath" || (lower(name) == "stream" && end < text_.size() && text_[end] == '=');
    if (!is_secret_name(name) && !is_key_of_rtmp) return;
    if (end < text_.size() && (text_[end] == '"' || text_[end] == '\'')) ++end;  // {"password": …
    while (end < text_.size() && is_blank(text_[end])) ++end;
    const std::size_t assignment = std::max(length_of('=', end), length_of(':', end));
    if (assignment == 0) return;
    end += assignment;
    while (end < text_.size() && is_blank(text_[end])) ++end;
    if (end < text_.size() && text_[end] == '(')
      end = std::min(text_.find(')', end), text_.size() - 1) + 1;  // (string)
    const std::size_t value_end = end_of_value(end, lower(name), assignment == 3);
    if (value_end == end) return;
    copy_to(end);
    mask_to(value_end);
  }

  std::size_t end_of_value(std::size_t at, const std::string& name, bool encoded) const {
    if (name == "authorization") return std::min(text_.find('\n', at), text_.size());
    // Quoted, or quoted inside something quoted.
    const std::size_t escapes = at + 1 < text_.size() && text_[at] == '\\' && text_[at + 1] == '"' ? 1 : 0;
    const char quote = at + escapes < text_.size() ? text_[at + escapes] : '\0';
    if (quote == '"' || quote == '\'') {
      for (std::size_t i = at + escapes + 1; i < text_.size(); ++i) {
        if (escapes != 0 && text_[i] == '\\' && i + 1 < text_.size() && text_[i + 1] == '"') return i + 2;
        if (escapes == 0 && text_[i] == quote) return i + 1;
        if (text_[i] == '\\') ++i;
      }
      return text_.size();
    }
    // The commas of an SRT stream id ("#!::u=me,s=secret") belong to it.
    const bool has_commas = ends_with(name, "streamid");
    std::size_t i = at;
    while (i < text_.size() && !ends_word(text_[i]) && text_[i] != '&' &&
           (has_commas || (text_[i] != ',' && text_[i] != ';'))) {
      if (encoded && length_of('&', i) != 0) break;
      i += text_[i] == '\\' && i + 1 < text_.size() ? 2 : 1;
    }
    return std::min(i, text_.size());
  }

  const std::string& text_;
  std::size_t at_ = 0;
  bool is_rtmp_ = false;  // the last name, which may be a scheme
  std::string out_;
};

}  // namespace

bool is_secret_name(const std::string& name) {
  constexpr std::array<const char*, 13> kEnds = {"key",    "token",    "secret",    "password",   "passphrase",
                                                 "passwd", "streamid", "signature", "credential", "credentials",
                                                 "-pw",    "_pw",      "pwd"};
  constexpr std::array<const char*, 5> kWhole = {"authorization", "auth", "sig", "pw", "pass"};
  const std::string lowered = lower(name);
  return std::any_of(kEnds.begin(), kEnds.end(), [&](const char* end) { return ends_with(lowered, end); }) ||
         std::any_of(kWhole.begin(), kWhole.end(), [&](const char* whole) { return lowered == whole; });
}

std::string redact(const std::string& text) { return Redaction(text).run(); }

}  // namespace skyline
