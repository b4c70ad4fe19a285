// http: posts documents to a server, at least once, with a key by which it can tell repeats.
#pragma once

#include <memory>

#include "sink/http/http_spool.h"
#include "sink/output_context.h"

namespace docmill {

OutputComponent http_output();

// What it opens, for a server that is not behind a URL. each: a document for each request.
// With on_full: wait.
std::unique_ptr<Output> waiting_http_output(HttpDelivery delivery, bool each);
// With on_full: spill.
std::unique_ptr<Output> spilling_http_output(std::unique_ptr<HttpSpool> spool);

}  // namespace docmill
