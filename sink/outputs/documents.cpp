#include "sink/outputs/documents.h"

#include "shared/config/pipeline.h"
#include "shared/config/schema.h"
#include "sink/documents/document_folder.h"
#include "sink/documents/name_template.h"

namespace docmill {
namespace {

struct DocumentsConfig {
  std::string path;
};

class DocumentsOutput final : public Output {
 public:
  DocumentsOutput(NameTemplate names, DocumentFolder folder)
      : template_(std::move(names)), folder_(std::move(folder)) {}

  void add(const DocumentId& id, const DocumentView& document) override {
    template_.write(id, document, names_);
    folder_.add(names_, document.bytes);
  }
  Result<void> sync() override { return folder_.sync(); }
  void marks(std::vector<FileMark>& out) const override { out.push_back(folder_.mark()); }
  Result<void> settle() override { return folder_.settle(); }
  void on_current_ledger() override { folder_.on_current_ledger(); }
  bool full(std::size_t waiting) const override {
    return folder_.group_size() + waiting >= DocumentFolder::kLargestGroup;
  }

 private:
  NameTemplate template_;
  DocumentFolder folder_;
  DocumentNames names_;
};

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const DocumentsConfig&>(settings);
  auto names = NameTemplate::parse(expand(config.path, "sink", context.sink).string());
  if (!names) return names.error();
  auto folder = DocumentFolder::open(names->folder(), context);
  if (!folder) return folder.error();
  return std::unique_ptr<Output>(
      std::make_unique<DocumentsOutput>(std::move(*names), std::move(*folder)));
}

}  // namespace

OutputComponent documents_output() {
  return {
      Schema<DocumentsConfig>(
          "documents",
          "Writes each document, as it is, to a file of its own, which is there whole or not at "
          "all. No file is ever replaced: where a name is taken, the document's identity is "
          "added to it (b7~p1-EPOCH-SEQUENCE-INDEX-PART.xml).")
          .field("path", &DocumentsConfig::path,
                 "Name of the files, with {producer}, {sequence}, {index}, {part}, {key}, "
                 "{route}, {source}, {file} (the source without its folders), {record} in it; "
                 "{sink} is the sink's name. Values are encoded so that they stay beneath the "
                 "folder; one that is empty is `_`.",
                 required, check(name_template_problem), example("out/{sink}/{key}.xml")),
      open,
      {},
      {},
      [](const std::any& settings) {
        return std::vector{name_pattern(std::any_cast<const DocumentsConfig&>(settings).path)};
      }};
}

}  // namespace docmill
