#include "job.h"

#include <unistd.h>

#include <utility>

#include "host/digest.h"
#include "host/numbers.h"
#include "version.h"

namespace flashstore::lfsimg {
namespace {

using host::Diagnostic;
using host::Json;
using host::Severity;

constexpr std::string_view kProgram = "lfsimg";

// "a.img@0x1f3c", "a.img: payload@0x1f3c", "a.img".
std::string place(const Diagnostic& diagnostic) {
  if (diagnostic.file.empty()) {
    return std::string(kProgram);
  }
  const std::string file = diagnostic.file == "-" ? "stdin" : diagnostic.file;
  if (diagnostic.offset) {
    return file + "@" + host::hex(*diagnostic.offset);
  }
  return diagnostic.payload_offset ? file + ":payload@" + host::hex(*diagnostic.payload_offset)
                                   : file;
}

Json to_json(const std::optional<uint64_t>& number) {
  return number ? Json(*number) : Json(nullptr);
}

}  // namespace

Job::Job(std::string verb, const CommonOptions& options)
    : verb_(std::move(verb)), options_(options) {
  console_.set_colour(options.colour);
}

bool Job::colours() const {
  return host::wants_colour(options_.colour, STDOUT_FILENO);
}

void Job::result(std::string_view text) {
  if (!options_.json) {
    console_.result(text);
  }
}

void Job::report(const Diagnostic& diagnostic) {
  if (diagnostic.severity == Severity::kError || !options_.quiet) {
    console_.say(place(diagnostic), diagnostic.severity, diagnostic.message);
    if (!diagnostic.hint.empty()) {
      console_.say("", Severity::kNote, diagnostic.hint);
    }
  }
  diagnostics_.push_back(
      {{"id", diagnostic.id},
       {"severity", host::name(diagnostic.severity)},
       {"offset", to_json(diagnostic.offset)},
       {"payload_offset", to_json(diagnostic.payload_offset)},
       {"message", diagnostic.message},
       {"hint", diagnostic.hint.empty() ? Json(nullptr) : Json(diagnostic.hint)}});
}

int Job::fail(const Problem& problem) {
  report(problem.diagnostic);
  return problem.status;
}

int Job::usage_error(const std::string& message, const std::string& hint) {
  return fail({host::kUsage, Diagnostic{.id = "usage", .message = message, .hint = hint}});
}

Json Job::describe(const std::string& path, std::string_view content) {
  return {{"path", path}, {"size", content.size()}, {"sha256", host::sha256(content)}};
}

core::Result<std::string, Problem> Job::read(const std::string& path) {
  auto content = read_input(path);
  if (content && options_.json) {
    input_ = describe(path, content.value());
  }
  return content;
}

core::Result<ImageFile, Problem> Job::open(const std::string& path) {
  auto content = read(path);
  if (!content) {
    return content.error();
  }
  return open_image(path, std::move(content).value());
}

int Job::write(const std::string& path, std::vector<uint8_t> bytes) {
  auto file = host::PendingFile::prepare(path, std::move(bytes));
  if (!file) {
    return fail(
        {host::kEnvironment, Diagnostic{.id = "unwritable", .message = file.error().message}});
  }
  files_.push_back(std::move(file).value());
  return host::kOk;
}

bool Job::overwrites(const std::string& input, const std::string& output) {
  if (!host::is_overwritten(input, output)) {
    return false;
  }
  usage_error("output " + output + " is also an input", "give the output another name");
  return true;
}

Json Job::document(bool ok) {
  Json json;
  json["schema"] = verb_.empty() ? "lfsimg/1" : "lfsimg." + verb_ + "/1";
  json["ok"] = ok;
  json["tool"] = {{"name", kProgram}, {"version", kVersion}};
  json["input"] = input_;
  json.update(fields_);
  json["diagnostics"] = diagnostics_;
  return json;
}

int Job::finish(int status) {
  const auto fail_to = [&](const char* id, const std::string& message) {
    return fail({host::kEnvironment, Diagnostic{.id = id, .message = message}});
  };
  if (options_.json) {
    console_.result(host::to_text(document(status == host::kOk)));
  }
  // The old files stay until everything else is done.
  if (const auto error = console_.flush()) {
    return fail_to("stdout", *error);
  }
  for (host::PendingFile& file : files_) {
    const auto error = status == host::kOk ? file.commit() : std::nullopt;
    if (error) {
      return fail_to("unwritable", error->message);
    }
  }
  return status;
}

}  // namespace flashstore::lfsimg
