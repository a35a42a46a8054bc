// Credentials out of any text that leaves us: messages, logs, descriptions.
#pragma once

#include <string>

namespace skyline {

// Masks URI user information, the stream key of an RTMP address ("rtmp://host/app/***"), and the values of passphrase, streamid, key, token, secret and
// password in properties and queries: "rtsp://user:***@host", "passphrase=***". Any thread, any length.
std::string redact(const std::string& text);

// True for the name of a property, a query field or a header whose value is nobody's business.
bool is_secret_name(const std::string& name);

}  // namespace skyline
