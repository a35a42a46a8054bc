// Credentials out of any text that leaves us: messages, logs, descriptions.
#pragma once

#include <string>

namespace skyline {

// Masks URI user information, and the values of passphrase, streamid, key, token, secret and
// password in properties and queries: "rtsp://user:***@host", "passphrase=***".
std::string redact(const std::string& text);

}  // namespace skyline
