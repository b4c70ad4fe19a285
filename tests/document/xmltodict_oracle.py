"""Compares docmill's JSON with what Python's xmltodict makes of the same XML.

    xmltodict_oracle.py records ORIGINAL.xml LIST_NAME RECORDS.ndjson
        Each line is a record cut out of ORIGINAL; it must equal the element of that place in the
        parsed original. Only the declarations of namespaces, xml:lang and xml:space of the root
        may be added, and they are compared exactly.
    xmltodict_oracle.py files LIST.txt OUTPUT.ndjson
        Each line of LIST names a file, the same line of OUTPUT has docmill's JSON of it, or 'null'
        where docmill refuses it. Refused are only files that xmltodict refuses too, or that refer to
        an entity of another file: xmltodict drops that reference, docmill fetches and drops nothing.
    xmltodict_oracle.py documents INPUT.txt OUTPUT.ndjson
        INPUT holds one XML document a line (as a JSON string), OUTPUT docmill's JSON for each.

Prints every difference. Exit code 0: none; 1: some, or nothing was compared; 2: no xmltodict.
"""
import json
import re
import sys
import xml.parsers.expat

try:
    import xmltodict
except ImportError:
    print("python3-xmltodict is not installed; apt-get install python3-xmltodict")
    sys.exit(2)


def pairs(value):
    """The same value with its order: dictionaries as lists of pairs."""
    if isinstance(value, dict):
        return [(key, pairs(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return ["list"] + [pairs(inner) for inner in value]
    return value


def inherited(root):
    return {key: value for key, value in root.items()
            if key == "@xmlns" or key.startswith("@xmlns:") or key in ("@xml:lang", "@xml:space")}


def compare_records(original, name, lines):
    with open(original, "rb") as file:
        (root,) = xmltodict.parse(file, disable_entities=False, force_list=(name,)).values()
    scope = inherited(root)
    wrong = int(len(lines) != len(root[name]))
    for number, (line, want) in enumerate(zip(lines, root[name]), 1):
        ((key, got),) = json.loads(line).items()
        want = want if isinstance(want, dict) else {"#text": want}
        added = {k: v for k, v in scope.items() if k not in want}
        rest = {k: v for k, v in got.items() if k not in added}
        present = {k: v for k, v in got.items() if k in added}
        if key != name or present != added or pairs(rest) != pairs(want):
            wrong += 1
            print(f"record {number}: expected {want} with {added}, found {got}")
    return wrong, len(root[name])


def compare_documents(inputs, lines):
    wrong = int(len(inputs) != len(lines))
    for number, (xml, line) in enumerate(zip(inputs, lines), 1):
        want = xmltodict.parse(json.loads(xml), disable_entities=False)
        if pairs(json.loads(line)) != pairs(want):
            wrong += 1
            print(f"document {number}: {xml}\n expected {json.dumps(want)}\n found    {line}")
    return wrong, len(inputs)


def needs_another_file(path):
    """Whether the file refers to an entity that only another file has."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = re.sub(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", "", file.read(), flags=re.DOTALL)
    if re.search(r"<!ENTITY\s+%\s+\S+\s+(SYSTEM|PUBLIC)", text):
        return True
    declared = set(re.findall(r"<!ENTITY\s+([^%\s]\S*)", text)) | {"lt", "gt", "amp", "quot", "apos"}
    return bool(set(re.findall(r"&([^#;\s][^;\s]*);", text)) - declared)


def compare_files(paths, lines):
    wrong = int(len(paths) != len(lines))
    refused = 0
    for path, line in zip(paths, lines):
        try:
            with open(path, "rb") as file:
                want = xmltodict.parse(file, disable_entities=False)
        except xml.parsers.expat.ExpatError:
            want = None
        got = json.loads(line)
        if got is None and (want is None or needs_another_file(path)):
            refused += 1
        elif pairs(got) != pairs(want):
            wrong += 1
            print(f"{path}: differs")
    print(f"{refused} refused")
    return wrong, len(paths)


def read_lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().split("\n")[:-1]


if sys.argv[1] == "records":
    wrong, count = compare_records(sys.argv[2], sys.argv[3], read_lines(sys.argv[4]))
elif sys.argv[1] == "files":
    wrong, count = compare_files(read_lines(sys.argv[2]), read_lines(sys.argv[3]))
else:
    wrong, count = compare_documents(read_lines(sys.argv[2]), read_lines(sys.argv[3]))
print(f"{count} compared, {wrong} different")
sys.exit(1 if wrong or count == 0 else 0)
