"""A disk as it may be after a power cut, made from the journals that power_loss.cpp writes.

What was synced is there. Of what was not, chance keeps some: all, nothing, the first writes with the
last one torn, or any of their sectors in any order; a file that lost an earlier write and kept a
later one has zeros between. Names that were made, removed or changed last after a sync of their
folder, and else by chance; a file's own sync does not make its name last.
"""
import collections
import os
import shutil
import struct

HEADER = struct.Struct("=QQQII")
Entry = collections.namedtuple("Entry", "order file offset kind data")
WRITE, TRUNCATE, SYNC, CREATE, FOLDER, REMOVE, RENAME, UNKNOWN = range(1, 9)
SECTOR = 512
FOLDERS = "folders"


class Journals:
    """The entries of all processes that were started with environment()."""

    def __init__(self, folder, root):
        self.folder, self.root = folder, root
        self.taken = {}  # bytes, of each journal
        os.makedirs(folder)
        with open(os.path.join(folder, "order"), "wb") as file:
            file.write(bytes(8))

    def wrapper(self, library):
        return ("env", f"LD_PRELOAD={library}", f"DOCMILL_POWER_ROOT={self.root}",
                f"DOCMILL_POWER_JOURNAL={self.folder}")

    def take(self):
        """What all processes have done since the last time, in order; they stand still meanwhile.
        The last entry of one that was killed may be torn, and was never answered."""
        entries = []
        for name in os.listdir(self.folder):
            if name != "order":
                entries += self.take_from(name)
        return sorted(entries)

    def take_from(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            file.seek(self.taken.get(name, 0))
            content = file.read()
        entries, at = [], 0
        while at + HEADER.size <= len(content):
            order, inode, offset, kind, size = HEADER.unpack_from(content, at)
            end = at + HEADER.size + size
            if end > len(content):
                break
            entries.append(Entry(order, inode, offset, kind, content[at + HEADER.size:end]))
            at = end
        self.taken[name] = self.taken.get(name, 0) + at
        return entries


def applied(content, changes):
    for kind, offset, data in changes:
        if kind == TRUNCATE:
            del content[offset:]
            content.extend(bytes(offset - len(content)))
        else:
            content.extend(bytes(max(0, offset + len(data) - len(content))))
            content[offset:offset + len(data)] = data
    return content


def sectors(change):
    """A write as the sectors that a disk writes one by one."""
    kind, offset, data = change
    if kind == TRUNCATE:
        return [change]
    first = SECTOR - offset % SECTOR
    places = [0, *range(first, len(data), SECTOR), len(data)]
    return [(WRITE, offset + begin, data[begin:end])
            for begin, end in zip(places, places[1:]) if begin < end]


class File:
    def __init__(self, content=b""):
        self.lasting = bytearray(content)
        self.pending = []

    def now(self):
        return applied(bytearray(self.lasting), self.pending)

    def sync(self):
        applied(self.lasting, self.pending)
        self.pending = []

    def cut(self, chance, counts):
        """Loses what chance takes of what was not synced."""
        way = chance.choice(("nothing", "all", "torn", "any", "any"))
        kept = []
        if way == "all":
            kept = self.pending
        elif way == "torn" and self.pending:
            last = chance.randrange(len(self.pending))
            kind, offset, data = self.pending[last]
            length = chance.randint(0, len(data))
            kept = self.pending[:last]
            if kind == WRITE and length:
                kept = kept + [(WRITE, offset, data[:length])]
                counts["torn writes"] += 0 < length < len(data)
        elif way == "any":
            pieces = [piece for change in self.pending for piece in sectors(change)]
            kept = [piece for piece in pieces if chance.random() < 0.5]
            counts["lost sectors"] += len(pieces) - len(kept)
        counts["lost writes"] += max(0, len(self.pending) - len(kept))
        applied(self.lasting, kept)
        self.pending = []


class Disk:
    """All below a folder of the real disk. forget: syncs of paths that contain one of these, or of
    FOLDERS, are taken for nothing, as if a daemon had forgotten them; that is what must be found
    out."""

    def __init__(self, root, parts, forget=()):
        self.root, self.parts, self.forget = root, parts, forget
        self.counts = collections.Counter()
        self.names = {}    # path: File, or None for a folder
        self.lasting = {}  # the same, of the names that last
        self.pending = []  # [(path, File or None, added)] for each change of names, in order
        self.inodes = {os.stat(self.root).st_ino: self.root}  # a File, or the path of a folder
        self.scan(parts)

    def scan(self, parts):
        """What is there now has survived, and lasts."""
        self.pending = [change for change in self.pending if not self.inside(change[0][0], parts)]
        for names in (self.names, self.lasting):
            for path in [path for path in names if self.inside(path, parts)]:
                del names[path]
        for path in self.real(parts):
            if os.path.isdir(path):
                self.names[path] = None
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    self.names[path] = File(file.read())
            else:
                continue
            self.lasting[path] = self.names[path]
            self.inodes[os.stat(path).st_ino] = self.names[path] or path

    def add(self, path, node, inode):
        self.names[path] = node
        self.inodes[inode] = node or path
        self.pending.append([(path, node, True)])

    def remove(self, path):
        if path in self.names:  # sockets are not files
            self.pending.append([(path, self.names.pop(path), False)])

    def is_followed(self, path):
        return any(path.startswith(os.path.join(self.root, part)) for part in self.parts)

    def apply(self, entry):
        self.counts["entries"] += 1
        node = self.inodes.get(entry.file)
        if entry.kind in (WRITE, TRUNCATE):
            if isinstance(node, File):
                node.pending.append((entry.kind, entry.offset, entry.data))
        elif entry.kind == SYNC:
            self.sync(node)
        elif entry.kind in (CREATE, FOLDER):
            path = os.path.normpath(entry.data.decode())
            if self.is_followed(path):
                self.add(path, File() if entry.kind == CREATE else None, entry.file)
        elif entry.kind == REMOVE:
            self.remove(os.path.normpath(entry.data.decode()))
        elif entry.kind == RENAME:
            self.rename(*(os.path.normpath(path) for path in entry.data.decode().split("\0")))
        else:
            raise AssertionError(f"the model knows no call {entry.data.decode()}")

    def rename(self, old, new):
        if old in self.names:
            node = self.names.pop(old)
            self.names[new] = node
            self.pending.append([(old, node, False), (new, node, True)])

    def sync(self, node):
        paths = [node] if isinstance(node, str) else \
            [path for path, file in self.names.items() if file is node]
        if any(part in path or (part == FOLDERS and isinstance(node, str))
               for part in self.forget for path in paths):
            self.counts["syncs forgotten on purpose"] += 1
            return
        self.counts["syncs"] += 1
        if isinstance(node, File):
            node.sync()
        elif node is not None:
            self.keep([change for change in self.pending if self.belongs(change, node)])
            self.pending = [change for change in self.pending if not self.belongs(change, node)]

    @staticmethod
    def belongs(change, folder):
        return any(os.path.dirname(path) == folder for path, _, _ in change)

    def keep(self, changes):
        for change in changes:
            for path, node, added in change:
                if added:
                    self.lasting[path] = node
                elif self.lasting.get(path) is node:
                    self.lasting.pop(path, None)

    def now(self):
        return {path: bytes(node.now()) for path, node in self.names.items() if node is not None}

    def cut(self, chance, parts):
        """The power goes, below these parts: puts on the real disk what is left."""
        way = chance.choice(("nothing", "all", "first", "any"))
        mine = [change for change in self.pending if self.inside(change[0][0], parts)]
        number = chance.randint(0, len(mine))
        kept = {"nothing": [], "all": mine, "first": mine[:number],
                "any": [change for change in mine if chance.random() < 0.5]}[way]
        self.counts["lost names"] += len(mine) - len(kept)
        self.keep(kept)
        for node in {id(node): node for path, node in [*self.lasting.items(), *self.names.items()]
                     if isinstance(node, File) and self.inside(path, parts)}.values():
            node.cut(chance, self.counts)
        self.put(parts)

    def inside(self, path, parts):
        return any(path == whole or path.startswith(whole + "/") or path.startswith(whole + ".")
                   for whole in (os.path.join(self.root, part) for part in parts))

    def put(self, parts):
        """Makes the real disk what lasts; nothing stays of the model but that."""
        for path in sorted(self.real(parts), key=len, reverse=True):
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.remove(path)
        for path, node in sorted(self.lasting.items()):
            if not self.inside(path, parts) or not os.path.isdir(os.path.dirname(path)):
                continue
            if node is None:
                os.makedirs(path, exist_ok=True)
            else:
                with open(path, "wb") as file:
                    file.write(node.lasting)
        self.scan(parts)

    def real(self, parts):
        """The paths on the real disk, folders before what is in them."""
        for part in parts:
            for place, _, names in os.walk(os.path.join(self.root, part)):
                yield place
                yield from (os.path.join(place, name) for name in names)

    def differences(self):
        """Paths of which the model and the real disk have different things."""
        real = {}
        for path in self.real(self.parts):
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    real[path] = file.read()
        model = self.now()
        return sorted(path for path in real.keys() | model.keys()
                      if real.get(path) != model.get(path))
