#include "shared/document/xml_event_writer.h"

#include "shared/document/xml_text.h"

namespace docmill {

void XmlEventWriter::clear() {
  bytes_.clear();
  tag_open_ = false;
  in_cdata_ = false;
}

void XmlEventWriter::forget() { std::string().swap(bytes_); }

void XmlEventWriter::close_tag() {
  if (tag_open_) bytes_ += '>';
  tag_open_ = false;
}

void XmlEventWriter::start(const char* name, const char** names_and_values, std::string_view more) {
  close_tag();
  bytes_.append("<").append(name).append(more);
  for (const char** pair = names_and_values; *pair != nullptr; pair += 2) {
    bytes_.append(" ").append(pair[0]).append("=\"");
    append_attribute(bytes_, pair[1]);
    bytes_ += '"';
  }
  tag_open_ = true;
}

void XmlEventWriter::end(const char* name) {
  if (tag_open_) {
    bytes_ += "/>";
    tag_open_ = false;
  } else {
    bytes_.append("</").append(name).append(">");
  }
}

void XmlEventWriter::text(std::string_view content) {
  close_tag();
  if (in_cdata_) {
    bytes_ += content;
  } else {
    append_text(bytes_, content);
  }
}

void XmlEventWriter::comment(std::string_view content) {
  close_tag();
  bytes_.append("<!--").append(content).append("-->");
}

void XmlEventWriter::instruction(std::string_view target, std::string_view content) {
  close_tag();
  bytes_.append("<?").append(target);
  if (!content.empty()) bytes_.append(" ").append(content);
  bytes_.append("?>");
}

void XmlEventWriter::start_cdata() {
  close_tag();
  bytes_ += "<![CDATA[";
  in_cdata_ = true;
}

void XmlEventWriter::end_cdata() {
  bytes_ += "]]>";
  in_cdata_ = false;
}

}  // namespace docmill
