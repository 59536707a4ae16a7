import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WireWriter } from "@narthex/bytes";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { openSqlite, type Store } from "@narthex/store";
import { expect, test } from "vitest";
import { fieldsOf } from "../silences/silence.ts";
import { exportSnapshots, importSnapshots } from "./snapshot-import.ts";
import { rig, START } from "../testing/rig.ts";

const ID = "11111111-1111-4111-8111-111111111111";

function message(fill: (writer: WireWriter) => void): Buffer {
  const writer = new WireWriter();
  writer.delimited(() => fill(writer));
  return Buffer.from(writer.written);
}

const time = (writer: WireWriter, field: number, ms: number): void =>
  writer.message(field, () => {
    writer.uint64(1, Math.floor(ms / 1000));
    writer.uint64(2, Math.round((ms % 1000) * 1e6));
  });

const matcher = (writer: WireWriter, field: number, type: number, name: string, pattern: string): void =>
  writer.message(field, () => {
    if (type > 0) writer.uint64(1, type);
    writer.string(2, name);
    writer.string(3, pattern);
  });

interface Wanted {
  readonly id?: string;
  readonly endsAt?: number;
  readonly sets?: readonly (readonly [number, string, string])[];
  readonly receivers?: boolean;
}

/** Encodes a silence like Alertmanager, which writes the first set of matchers a second time for older versions. */
const silenceMessage = ({
  id = ID,
  endsAt = START + 3_600_000,
  sets = [[0, "a", "b"]],
  receivers = false,
}: Wanted): Buffer =>
  message((w) => {
    w.message(1, () => {
      w.string(1, id);
      matcher(w, 2, ...sets[0]!);
      time(w, 3, START - 5000);
      time(w, 4, endsAt);
      time(w, 5, START - 4000.5);
      w.string(8, "me");
      w.string(9, "why é");
      w.message(10, () => {
        w.string(1, "ticket");
        w.string(2, "T-1");
      });
      for (const set of sets) w.message(11, () => matcher(w, 1, ...set));
      if (receivers) w.message(12, () => matcher(w, 1, 0, "name", "x"));
      w.string(99, "of a later version");
    });
    time(w, 2, endsAt + 432_000_000);
  });

const logMessage = (expiresAt: number): Buffer =>
  message((w) => {
    w.message(1, () => {
      w.bytes(1, Buffer.from('{}:{alertname="A"}'));
      w.message(2, () => {
        w.string(1, "all");
        w.string(2, "webhook");
        w.uint64(3, 1);
      });
      time(w, 5, START - 1000);
      w.bytes(6, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x05]));
      w.uint64(7, 7);
      for (const [key, write] of RECEIVER_DATA) {
        w.message(8, () => {
          w.string(1, key);
          w.message(2, () => write(w));
        });
      }
    });
    time(w, 2, expiresAt);
  });

const RECEIVER_DATA: readonly (readonly [string, (writer: WireWriter) => void])[] = [
  ["threadTs", (w) => w.string(1, "1.2")],
  ["count", (w) => w.int64(2, -3)],
  ["share", (w) => w.double(3, 0.5)],
];

function folderWith(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

async function importInto(store: Store, folder: string) {
  const { silences, log } = await rig({ store });
  const logger = memoryLogger();
  await importSnapshots({ folder, store, silences, log, clock: new ManualClock(START), logger });
  return { silences, log, lines: logger.lines };
}

test("silences and log entries of an Alertmanager are imported with all their fields", async () => {
  const store = openSqlite(":memory:");
  const folder = folderWith({
    silences: Buffer.concat([
      silenceMessage({ sets: [[1, "a", "b.*"]] }),
      silenceMessage({ id: "22222222-2222-4222-8222-222222222222", endsAt: START - 500_000_000 }),
    ]),
    nflog: Buffer.concat([logMessage(START + 1000), logMessage(START)]),
  });
  const { lines } = await importInto(store, folder);
  expect(lines.map(({ message: text, fields }) => [text, fields])).toEqual([
    [
      "Imported silences and notification log of an Alertmanager",
      { folder, silences: 1, notifications: 1, expired: 2 },
    ],
  ]);
  const { silences, log, lines: second } = await importInto(store, folder);
  expect(second).toEqual([]);
  const [silence] = silences.all();
  expect({ ...silence, matchers: silence!.matchers.map(fieldsOf) }).toEqual({
    id: ID,
    matchers: [{ name: "a", value: "b.*", isRegex: true, isEqual: true }],
    startsAt: START - 5000,
    endsAt: START + 3_600_000,
    updatedAt: START - 4000.5,
    createdBy: "me",
    comment: "why é",
    annotations: { ticket: "T-1" },
  });
  expect(log.get('{}:{alertname="A"}:all/webhook/1')).toMatchObject({
    firing: ["ffffffffffffffff", "0000000000000005"],
    resolved: ["0000000000000007"],
    timestamp: START - 1000,
    data: { threadTs: "1.2", count: "-3", share: "0.5" },
  });
});

test("alternatives of a silence become separate silences, and parts that are not supported are left out and reported", async () => {
  const sets = [
    [0, "a", "b"],
    [3, "c", "d"],
  ] as const;
  const other = "33333333-3333-4333-8333-333333333333";
  const folder = folderWith({
    silences: Buffer.concat([
      silenceMessage({ sets }),
      silenceMessage({ id: other, receivers: true }),
      silenceMessage({ id: other, sets: [[1, "a", "("]] }),
    ]),
  });
  const { silences, lines } = await importInto(openSqlite(":memory:"), folder);
  expect(silences.all().map(({ matchers }) => matchers.map(String))).toEqual([['a="b"'], ['c!~"d"']]);
  expect(silences.get(ID)?.matchers.map(String)).toEqual(['a="b"']);
  expect(lines.slice(0, 2).map(({ fields }) => [fields["silence"], fields["what"]])).toEqual([
    [other, "matchers of receivers"],
    [other, expect.stringContaining("a regular expression that is not understood: ")],
  ]);
});

test("the error for a truncated file names the file, nothing is imported, and the next start tries again", async () => {
  const store = openSqlite(":memory:");
  const whole = silenceMessage({});
  const folder = folderWith({ silences: whole, nflog: logMessage(START + 1000).subarray(0, 40) });
  await expect(importInto(store, folder)).rejects.toThrow(
    `cannot import ${join(folder, "nflog")}: message at byte 0: unexpected EOF; repair the file, or move it away`,
  );
  expect((await rig({ store })).silences.all()).toEqual([]);
  writeFileSync(join(folder, "nflog"), "");
  expect((await importInto(store, folder)).silences.all().length).toBe(1);
});

test("an empty folder is imported without a log message", async () => {
  expect((await importInto(openSqlite(":memory:"), folderWith({}))).lines).toEqual([]);
});

test("imported state is written back to the files with later changes, and imported again if the files changed", async () => {
  const store = openSqlite(":memory:");
  const folder = folderWith({ silences: silenceMessage({ sets: [[1, "a", "b.*"]] }), nflog: logMessage(START + 1000) });
  const { silences, log } = await importInto(store, folder);
  const made = { ...silences.get(ID)!, id: "44444444-4444-4444-8444-444444444444", comment: "made here" };
  await silences.merge([made]);
  await exportSnapshots({ folder, store, silences, log, clock: new ManualClock(START) }, 1000);
  expect((await importInto(store, folder)).lines).toEqual([]);

  const fresh = await importInto(openSqlite(":memory:"), folder);
  const shown = (all: typeof silences): unknown =>
    all.all().map(({ matchers, ...fields }) => ({ ...fields, matchers: matchers.map(fieldsOf) }));
  expect(shown(fresh.silences)).toEqual(shown(silences));
  expect([...fresh.log.all()]).toEqual([...log.all()]);

  writeFileSync(join(folder, "silences"), silenceMessage({ id: "55555555-5555-4555-8555-555555555555" }));
  expect((await importInto(store, folder)).lines[0]?.fields).toMatchObject({ silences: 1 });
});

test.each([
  ["silences", silenceMessage({})],
  ["nflog", logMessage(START + 1000)],
])("if only %s was there, only it is written, unless it has changed since", async (name, bytes) => {
  const store = openSqlite(":memory:");
  const folder = folderWith({ [name]: bytes });
  const { silences, log } = await importInto(store, folder);
  await silences.merge(silences.all().map((each) => ({ ...each, id: ID.replaceAll("1", "6") })));
  await log.record("{}:{}:all/webhook/0", { firing: [], resolved: [], timestamp: START, data: {} }, 1000);
  const leave = () => exportSnapshots({ folder, store, silences, log, clock: new ManualClock(START) }, 1000);
  await leave();
  expect([readdirSync(folder), readFileSync(join(folder, name)).equals(bytes)]).toEqual([[name], false]);
  writeFileSync(join(folder, name), "changed");
  await leave();
  expect(readFileSync(join(folder, name), "utf8")).toBe("changed");
});

test("files that were never imported are left unchanged", async () => {
  const store = openSqlite(":memory:");
  const folder = folderWith({ silences: silenceMessage({}) });
  const { silences, log } = await rig({ store });
  await exportSnapshots({ folder, store, silences, log, clock: new ManualClock(START) }, 1000);
  expect(readFileSync(join(folder, "silences")).equals(silenceMessage({}))).toBe(true);
});

const varint = (...bytes: number[]): Buffer => Buffer.from(bytes);

test.each([
  ["a silence without content", "silences", message((w) => time(w, 2, START)), "MeshSilence: the silence is missing"],
  ["an entry without content", "nflog", message((w) => time(w, 2, START)), "MeshEntry: the entry is missing"],
  ["a matcher of another type", "silences", silenceMessage({ sets: [[4, "a", "b"]] }), "Matcher: unknown type 4"],
  [
    "a hash that is too long",
    "nflog",
    message((w) => w.message(1, () => w.bytes(6, varint(...Array.from({ length: 10 }, () => 0xff), 1)))),
    "integer overflow",
  ],
  ["a hash that is cut", "nflog", message((w) => w.message(1, () => w.bytes(6, varint(0xff)))), "unexpected EOF"],
])("%s is refused with its place", async (_, name, bytes, reason) => {
  const good = name === "silences" ? silenceMessage({}) : logMessage(START + 1000);
  const folder = folderWith({ [name]: Buffer.concat([good, bytes]) });
  await expect(importInto(openSqlite(":memory:"), folder)).rejects.toThrow(
    `cannot import ${join(folder, name)}: message at byte ${good.length}: ${reason}`,
  );
});

test("fields that a later version may add are skipped, in every message", async () => {
  const later = (w: WireWriter): void => w.string(99, "later");
  const entry = message((w) => {
    later(w);
    w.message(1, () => {
      later(w);
      w.message(2, () => later(w));
      w.message(5, () => later(w));
      w.message(8, () => {
        later(w);
        w.string(1, "k");
        w.message(2, () => {
          later(w);
          w.string(1, "v");
        });
      });
    });
    time(w, 2, START + 1000);
  });
  const silence = message((w) => {
    later(w);
    w.message(1, () => {
      w.string(1, ID);
      w.message(4, () => w.uint64(1, START / 1000 + 60));
      w.message(7, () => later(w));
      w.message(11, () => {
        later(w);
        w.message(1, () => {
          later(w);
          w.string(2, "a");
        });
      });
    });
  });
  const { silences, log } = await importInto(openSqlite(":memory:"), folderWith({ silences: silence, nflog: entry }));
  expect([...log.all()]).toEqual([
    { key: "://0", entry: { firing: [], resolved: [], timestamp: 0, data: { k: "v" } }, expiresAt: START + 1000 },
  ]);
  expect(silences.all().map(({ id, matchers }) => [id, matchers.map(String)])).toEqual([[ID, ['a=""']]]);
});

test("files with parts that are not supported are left unchanged", async () => {
  const store = openSqlite(":memory:");
  const folder = folderWith({ silences: silenceMessage({ receivers: true }) });
  const { silences, log } = await importInto(store, folder);
  await exportSnapshots({ folder, store, silences, log, clock: new ManualClock(START) }, 1000);
  expect(readFileSync(join(folder, "silences")).equals(silenceMessage({ receivers: true }))).toBe(true);
});

test("the first comment of a silence from a very old Alertmanager is that of the silence", async () => {
  const comment = (w: WireWriter, author: string, text: string): void =>
    w.message(7, () => {
      w.string(1, author);
      w.string(2, text);
      time(w, 3, START - 5000);
    });
  const silence = message((w) => {
    w.message(1, () => {
      w.string(1, ID);
      matcher(w, 2, 0, "a", "b");
      time(w, 3, START - 5000);
      time(w, 4, START + 5000);
      time(w, 5, START - 4000);
      comment(w, "first", "why");
      comment(w, "second", "why not");
    });
    time(w, 2, START + 432_000_000);
  });
  const { silences } = await importInto(openSqlite(":memory:"), folderWith({ silences: silence }));
  expect(silences.all()).toMatchObject([{ id: ID, createdBy: "first", comment: "why" }]);
});
