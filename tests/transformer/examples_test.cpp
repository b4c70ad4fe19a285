// The examples of docs/writing-a-processor.md, as they stand there, at work on docs/books.xml.
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "shared/document/notes.h"
#include "shared/document/xml_events.h"
#include "shared/document/xml_tree.h"
#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

class Titles final : public XmlHandler {
 public:
  void start_element(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "book") book_ = attributes["id"];
  }
  void characters(std::string_view text) override { text_ = text; }
  void end_element(std::string_view name) override {
    if (name == "title") titles += fmt::format("{}: {}\n", book_, text_);
  }

  std::string titles;

 private:
  std::string book_;
  std::string text_;
};

class ListTitles final : public Processor {
 public:
  explicit ListTitles(const ProcessorContext& context) : events_(context.xml) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    Titles handler;
    if (auto read = events_.read(document.bytes, handler); !read) return read;
    emitter.begin(Format::kText) += handler.titles;
    emitter.end();
    return {};
  }

 private:
  XmlEvents events_;
};

class Reprice final : public Processor {
 public:
  Reprice(XmlPath euros, const ProcessorContext& context)
      : euros_(std::move(euros)), tree_(context.xml) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (auto loaded = tree_.load(document.bytes); !loaded) return loaded;
    for (XmlElement price : tree_.root().find_all(euros_)) {
      XmlElement book = price.parent();
      if (auto set = price.set_text("0.99"); !set) return set;
      auto added = book.add("was", book.attribute("id").value_or("?"));
      if (!added) return added.error();
      if (auto set = added->set_attribute("reason", "sale"); !set) return set;
    }
    tree_.write(emitter.begin(Format::kXml));
    emitter.end();
    return {};
  }

 private:
  XmlPath euros_;
  XmlTree tree_;
};

std::string outline(XmlElement element, int depth = 0) {
  std::string lines = std::string(depth * 2, ' ');
  lines += element.name();
  if (auto id = element.attribute("id")) lines += fmt::format(" {}", *id);
  if (!element.first_child()) lines += fmt::format(": {}", element.text());
  lines += '\n';
  for (XmlElement child : element.children()) lines += outline(child, depth + 1);
  return lines;
}

std::string books() {
  std::ifstream file(DOCMILL_SOURCE_DIR "/docs/books.xml");
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

// One document, as a processor emits it.
class OneDocument final : public Emitter {
 public:
  std::string& begin(Format) override { return bytes; }
  void note(std::string_view name, std::string_view value) override {
    set_note(notes, name, value);
  }
  void end() override { ++documents; }

  std::string bytes;
  std::string notes;
  int documents = 0;
};

std::string made_by(Processor& processor, std::string_view bytes) {
  OneDocument emitter;
  const auto done =
      processor.process({.format = Format::kXml, .bytes = bytes, .origin = {}}, emitter);
  if (!done) return done.error().text;
  CHECK(emitter.documents == 1);
  return emitter.bytes;
}

TEST_CASE("the example of events lists the titles") {
  ListTitles processor(ProcessorContext{});
  CHECK(made_by(processor, books()) == "b1: The Mill on the River\nb2: Salt & Water\nb3: Wheels\n");
  CHECK(made_by(processor, "<book><title>x</title></boo>") ==
        "line 1, column 23: expected '</book>', found another end tag or none");
}

TEST_CASE("the example of a tree walks it") {
  XmlTree tree;
  REQUIRE(tree.load("<book id='b1'><title>T</title><by><name>A &amp; B</name></by></book>").ok());
  CHECK(outline(tree.root()) == "book b1\n  title: T\n  by\n    name: A & B\n");
}

TEST_CASE("the example of finding and changing has new prices in euros only") {
  auto euros = XmlPath::compile("book/price[@currency='EUR']");
  REQUIRE(euros.ok());
  Reprice processor(std::move(*euros), ProcessorContext{});
  const std::string made = made_by(processor, books());
  CHECK(made.find("<price currency=\"EUR\">0.99</price>\n  <was reason=\"sale\">b1</was></book>") !=
        made.npos);
  CHECK(made.find("<price currency=\"USD\">31.00</price>\n  </book>") != made.npos);
}

}  // namespace
}  // namespace docmill::test
