#include "shared/runtime/telemetry.h"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "shared/config/pipeline.h"

namespace docmill {
namespace {

constexpr std::string_view kTopic = "status";
constexpr Duration kEvery = std::chrono::milliseconds(250);
constexpr int kMaxIgnored = 100;  // messages of another program, before the caller is asked again
constexpr SocketLimits kLimits{
    .frames = 2, .frame = {64 << 10}, .buffer = {64 << 10}, .messages = 16};

}  // namespace

Telemetry::Telemetry(PubSocket socket, std::string name, std::string role, std::string address)
    : socket_(std::move(socket)),
      name_(std::move(name)),
      role_(std::move(role)),
      address_(
          nlohmann::json(address).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) {}

Result<Telemetry> Telemetry::open(const Context& context, const std::filesystem::path& state,
                                  std::string name, std::string role, std::string address) {
  auto socket = PubSocket::bind(context, local_address(state, name, "telemetry"), kLimits);
  if (!socket) return socket.error();
  return Telemetry(std::move(*socket), std::move(name), std::move(role), std::move(address));
}

void Telemetry::publish(std::span<const Gauge> gauges, Time now) {
  std::string text =
      fmt::format(R"({{"name":"{}","role":"{}","process":{},"address":{},"values":{{)", name_,
                  role_, ::getpid(), address_);
  for (std::size_t i = 0; i < gauges.size(); ++i) {
    fmt::format_to(std::back_inserter(text), R"({}"{}":{})", i == 0 ? "" : ",", gauges[i].name,
                   gauges[i].value);
  }
  text += "}}";
  Frame message[] = {Frame::copy(kTopic), Frame::copy(text)};
  socket_.send(message);
  next_ = now + kEvery;
}

Result<TelemetryReader> TelemetryReader::open(const Context& context,
                                              const std::filesystem::path& state,
                                              const std::string& name) {
  auto socket = SubSocket::connect(context, local_address(state, name, "telemetry"),
                                   {std::string(kTopic)}, kLimits);
  if (!socket) return socket.error();
  return TelemetryReader(std::move(*socket));
}

bool TelemetryReader::next(Status& status) {
  std::vector<Frame> message;
  for (int i = 0; i < kMaxIgnored && socket_.receive(message); ++i) {
    if (message.size() != 2) continue;
    const auto json = nlohmann::json::parse(message[1].bytes(), nullptr, false);
    if (!json.is_object()) continue;
    try {
      status = {json.at("name"), json.at("role"), json.at("values"), json.at("process"),
                json.value("address", std::string())};
      return true;
    } catch (const nlohmann::json::exception&) {
      continue;  // somebody else's message
    }
  }
  return false;
}

}  // namespace docmill
