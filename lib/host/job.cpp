#include "host/job.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "host/digest.h"
#include "host/json.h"
#include "host/numbers.h"

namespace flashstore::host {
namespace {

// "a.img@0x1f3c", "a.img: payload@0x1f3c", "a.img".
std::string place(const Diagnostic& diagnostic, const std::string& program) {
  if (diagnostic.file.empty()) {
    return program;
  }
  const std::string file = diagnostic.file == "-" ? "stdin" : diagnostic.file;
  if (diagnostic.line) {
    return file + ":" + std::to_string(*diagnostic.line);
  }
  if (diagnostic.offset) {
    return file + "@" + hex(*diagnostic.offset);
  }
  return diagnostic.payload_offset ? file + ":payload@" + hex(*diagnostic.payload_offset) : file;
}

Json to_json(const std::optional<uint64_t>& number) {
  return number ? Json(*number) : Json(nullptr);
}

}  // namespace

core::Result<std::string, Problem> read_input(const std::string& path, size_t max_bytes) {
  auto content = read_file(path, max_bytes);
  if (content) {
    return std::move(content).value();
  }
  const bool too_large = content.error().too_large;
  return Problem{too_large ? kNo : kEnvironment,
                 Diagnostic{.id = too_large ? "file-too-large" : "unreadable",
                            .message = content.error().message}};
}

// What the JSON document tells.
struct Job::Answer {
  Json input;  // null: none read
  Json fields = Json::object();
  Json diagnostics = Json::array();
};

Job::Job(const Tool& tool, std::string verb, const CommonOptions& options,
         const ProblemStatuses& statuses)
    : tool_(tool),
      verb_(std::move(verb)),
      options_(options),
      statuses_(statuses),
      answer_(std::make_unique<Answer>()) {
  console_.set_colour(options.colour);
}

Job::~Job() = default;

bool Job::colours() const {
  return wants_colour(options_.colour, STDOUT_FILENO);
}

void Job::result(std::string_view text) {
  if (!options_.json) {
    console_.result(text);
  }
}

void Job::summary(std::string_view text) {
  if (!options_.json && !options_.quiet && !events_) {
    console_.line(tool_.name + ": " + std::string(text));
  }
}

void Job::progress(std::string_view text) {
  if (!options_.json && !options_.quiet && !events_) {
    console_.progress(text);
  }
}

void Job::event(const Json& event) {
  if (events_) {
    console_.line(event.dump(-1, ' ', true, Json::error_handler_t::replace));
  }
}

Json& Job::field(const std::string& name) {
  return answer_->fields[name];
}

void Job::report(const Diagnostic& diagnostic) {
  if (diagnostic.severity == Severity::kError && first_error_.empty()) {
    first_error_ = diagnostic.id;
  }
  if (events_) {
    event(event_of(diagnostic));
  } else {
    say(diagnostic, "");
  }
  // A single input is under "input".
  answer_->diagnostics.push_back(describe(diagnostic, answer_->input.is_null()));
}

void Job::say(const Diagnostic& diagnostic, const std::string& whose) {
  if (diagnostic.severity != Severity::kError && options_.quiet) {
    return;
  }
  std::string where = place(diagnostic, whose.empty() ? tool_.name : whose);
  if (!whose.empty() && where != whose) {
    where = whose + ": " + where;
  }
  console_.say(where, diagnostic.severity, diagnostic.message);
  if (!diagnostic.hint.empty()) {
    console_.say(whose, Severity::kNote, diagnostic.hint);
  }
}

Json Job::event_of(const Diagnostic& diagnostic) {
  return {{"event", "diagnostic"},
          {"id", diagnostic.id},
          {"severity", name(diagnostic.severity)},
          {"message", diagnostic.message},
          {"hint", diagnostic.hint}};
}

Json Job::describe(const Diagnostic& diagnostic, bool with_file) {
  Json json{{"id", diagnostic.id},
            {"severity", name(diagnostic.severity)},
            {"offset", to_json(diagnostic.offset)},
            {"payload_offset", to_json(diagnostic.payload_offset)},
            {"message", diagnostic.message},
            {"hint", diagnostic.hint.empty() ? Json(nullptr) : Json(diagnostic.hint)}};
  if (!diagnostic.file.empty() && with_file) {
    json["file"] = diagnostic.file;
  }
  if (diagnostic.line) {
    json["line"] = *diagnostic.line;
  }
  return json;
}

int Job::fail(const Problem& problem) {
  failed_ = true;
  report(problem.diagnostic);
  switch (problem.status) {
    case kOk:
      return kOk;
    case kNo:
      return statuses_.no;
    case kUsage:
      return statuses_.usage;
    case kEnvironment:
      return statuses_.environment;
  }
  return statuses_.environment;
}

int Job::usage_error(const std::string& message, const std::string& hint) {
  return fail({kUsage, Diagnostic{.id = "usage", .message = message, .hint = hint}});
}

Json Job::describe(const std::string& path, std::string_view content) {
  return {{"path", path}, {"size", content.size()}, {"sha256", sha256(content)}};
}

core::Result<std::string, Problem> Job::read(const std::string& path, size_t max_bytes) {
  auto content = read_input(path, max_bytes);
  if (content && options_.json) {
    answer_->input = describe(path, content.value());
  }
  return content;
}

int Job::write(const std::string& path, std::vector<uint8_t> bytes) {
  if (path == "-" && isatty(STDOUT_FILENO) == 1) {
    return usage_error("binary output is not for a terminal", "give the output a name");
  }
  auto file = PendingFile::prepare(path, std::move(bytes));
  if (!file) {
    return fail({kEnvironment, Diagnostic{.id = "unwritable", .message = file.error().message}});
  }
  files_.push_back(std::move(file).value());
  return kOk;
}

bool Job::overwrites(const std::string& input, const std::string& output) {
  if (!is_overwritten(input, output)) {
    return false;
  }
  usage_error("output " + output + " is also an input", "give the output another name");
  return true;
}

Json Job::document(bool ok) {
  std::string schema = verb_.empty() ? tool_.name + "/1" : tool_.name + "." + verb_ + "/1";
  std::replace(schema.begin(), schema.end(), ' ', '.');
  Json json;
  json["schema"] = schema;
  json["ok"] = ok;
  json["tool"] = {{"name", tool_.name}, {"version", tool_.version}};
  json["input"] = answer_->input;
  json.update(answer_->fields);
  json["diagnostics"] = answer_->diagnostics;
  return json;
}

int Job::finish(int status) {
  const auto fail_to = [&](const char* id, const std::string& message) {
    return fail({kEnvironment, Diagnostic{.id = id, .message = message}});
  };
  if (options_.json) {
    console_.result(to_text(document(status == kOk)));
  }
  // The old files stay until everything else is done.
  if (const auto error = console_.flush()) {
    return fail_to("stdout", *error);
  }
  for (PendingFile& file : files_) {
    const auto error = failed_ ? std::nullopt : file.commit();
    if (error) {
      return fail_to("unwritable", error->message);
    }
  }
  return status;
}

}  // namespace flashstore::host
