import { expect, test } from "vitest";
import { readStoredLogEntry, readUntrustedLogEntry } from "./dispatch/log-entry-text.ts";
import { readRule, serializeRule } from "./silences/recurring-silence.ts";
import { printSilence, readUntrustedSilence } from "./silences/silence-text.ts";
import { isTextList, isTextMap, isTime } from "./untrusted-json.ts";

test.each([
  [8.64e15, true],
  [-8.64e15, true],
  [8.64e15 + 1, false],
  [NaN, false],
  ["1", false],
  [null, false],
])("the value %j is a time: %s", (value, expected) => expect(isTime(value)).toBe(expected));

test.each([
  [{}, true, false],
  [{ a: "b" }, true, false],
  [{ a: "b", c: 1 }, false, false],
  [[], false, true],
  [["a"], false, true],
  [["a", 1], false, false],
  [null, false, false],
  ["a", false, false],
])("the value %j is a map of texts: %s, a list of texts: %s", (value, isMap, isList) => {
  expect([isTextMap(value), isTextList(value)]).toEqual([isMap, isList]);
});

const messageOf = (read: () => unknown): string => {
  try {
    read();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

const SILENCE = {
  id: "x",
  matchers: [{ type: "!~", name: "a", value: "b" }],
  startsAt: 1,
  endsAt: 2,
  updatedAt: 3,
  createdBy: "me",
  comment: "",
  annotations: { a: "b" },
};

test("a silence is read as it was printed", () => {
  expect(printSilence(readUntrustedSilence(JSON.stringify(SILENCE)))).toBe(JSON.stringify(SILENCE));
});

test.each([
  [{ id: 1 }, "id"],
  [{ id: "" }, "id"],
  [{ createdBy: null }, "createdBy"],
  [{ comment: 1 }, "comment"],
  [{ startsAt: "1" }, "startsAt"],
  [{ endsAt: 1e300 }, "endsAt"],
  [{ updatedAt: null }, "updatedAt"],
  [{ matchers: {} }, "matchers"],
  [{ matchers: [] }, "matchers"],
  [{ matchers: [SILENCE.matchers[0], null] }, "matchers"],
  [{ matchers: [{ type: 1, name: "a", value: "b" }] }, "matchers"],
  [{ matchers: [{ type: "==", name: "a", value: "b" }] }, "matchers"],
  [{ matchers: [{ type: "=", name: 1, value: "b" }] }, "matchers"],
  [{ matchers: [{ type: "=", name: "a", value: 1 }] }, "matchers"],
  [{ annotations: { a: 1 } }, "annotations"],
])("a silence with %j is refused for its %s", (more, name) => {
  const text = JSON.stringify({ ...SILENCE, ...more });
  expect(messageOf(() => readUntrustedSilence(text))).toBe(
    `invalid silence: ${name} is missing or has an invalid value`,
  );
});

test.each(["null", "1", '"x"'])("%s is not a silence", (text) => {
  expect(messageOf(() => readUntrustedSilence(text))).toBe("invalid silence: it is not a JSON object");
});

const ENTRY = { firing: ["1"], resolved: ["2"], timestamp: 10, data: { a: "b" } };
const [NO_KEY, NO_TIME, NO_ALERTS, FUTURE] = [
  "invalid entry of the notification log: its key or its expiry is missing",
  "invalid entry of the notification log: its timestamp is missing",
  "invalid entry of the notification log: its lists of alerts or its data are missing",
  "invalid entry of the notification log: its timestamp is in the future",
];

test.each([
  [{}, ""],
  [{ key: "" }, NO_KEY],
  [{ key: 1 }, NO_KEY],
  [{ expiresAt: null }, NO_KEY],
  [{ entry: null }, NO_TIME],
  [{ entry: { ...ENTRY, timestamp: "10" } }, NO_TIME],
  [{ entry: { ...ENTRY, firing: [1] } }, NO_ALERTS],
  [{ entry: { ...ENTRY, resolved: null } }, NO_ALERTS],
  [{ entry: { ...ENTRY, data: [] } }, NO_ALERTS],
  [{ entry: { ...ENTRY, timestamp: 11 } }, FUTURE],
])("an entry of another instance with %j is refused with %j", (more, message) => {
  const text = JSON.stringify({ key: "k", entry: ENTRY, expiresAt: 20, ...more });
  expect(messageOf(() => readUntrustedLogEntry(text, { latest: 10, retentionMs: 5 }))).toBe(message);
});

test("an entry of another instance expires after its own time, and after the retention at the latest", () => {
  const read = (expiresAt: number) =>
    readUntrustedLogEntry(JSON.stringify({ key: "k", entry: ENTRY, expiresAt }), { latest: 10, retentionMs: 5 });
  expect([read(14), read(20)]).toEqual([
    { key: "k", entry: ENTRY, expiresAt: 14 },
    { key: "k", entry: ENTRY, expiresAt: 15 },
  ]);
  const stored = { key: "k", value: JSON.stringify({ ...ENTRY, more: 1 }), expiresAt: 99 };
  expect(readStoredLogEntry(stored)).toEqual({ key: "k", entry: ENTRY, expiresAt: 99 });
});

const RULE = {
  id: "r",
  matchers: [{ type: "=", name: "a", value: "b" }],
  written: [{ weekdays: ["sunday"] }, "months: ['1']\nyears: ['2030']"],
  createdBy: "me",
  comment: "c",
  annotations: {},
  createdAt: 1,
  madeUntil: 2,
};

test("a rule is read as it was written, with intervals that are objects or YAML", () => {
  const rule = readRule("r", JSON.stringify(RULE));
  expect(JSON.parse(serializeRule(rule))).toEqual(RULE);
  expect(rule.interval.spans).toMatchObject([{ weekdays: [{ from: 0, to: 0 }] }, { months: [{ from: 1, to: 1 }] }]);
});

test.each([
  [{ id: "other" }, "invalid recurring silence: its id differs from its key"],
  [{ createdAt: null }, "invalid recurring silence: createdAt is not a time"],
  [{ madeUntil: "2" }, "invalid recurring silence: madeUntil is not a time"],
  [{ annotations: [1] }, "invalid recurring silence: its annotations are not an object of strings"],
  [{ written: [{ weekdays: ["x"] }] }, "invalid recurring silence: "],
])("a rule with %j is refused with %s", (more, message) => {
  expect(messageOf(() => readRule("r", JSON.stringify({ ...RULE, ...more })))).toContain(message);
});
