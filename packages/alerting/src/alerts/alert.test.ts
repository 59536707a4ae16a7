import { Labels } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Alert, compareAlerts, compareLabelSets, isResolvedAt, mergeAlerts } from "./alert.ts";
import { AlertStore } from "./alert-store.ts";

const alert = (startsAt: number, endsAt: number, updatedAt: number, timeout = false, generatorUrl = ""): Alert => ({
  labels: Labels.EMPTY,
  annotations: Labels.EMPTY,
  startsAt,
  endsAt,
  updatedAt,
  timeout,
  generatorUrl,
  fingerprint: "f",
});

test.each([
  ["the later report's text counts", alert(1, 50, 10, false, "a"), alert(2, 60, 20, false, "b"), [1, 60, 20, "b"]],
  [
    "of two at one moment the second is the later",
    alert(2, 60, 20, false, "a"),
    alert(1, 70, 20, false, "b"),
    [1, 70, 20, "b"],
  ],
  ["a longer end of the earlier one stays", alert(1, 90, 10), alert(2, 60, 20), [1, 90, 20, ""]],
  ["unless it was the resolve timeout's", alert(1, 90, 10, true), alert(2, 60, 20), [1, 60, 20, ""]],
  ["an end that has come counts", alert(1, 90, 10), alert(2, 15, 20), [1, 15, 20, ""]],
  ["of two ends that have come the later one", alert(1, 18, 10), alert(2, 15, 20), [1, 18, 20, ""]],
  ["an end at the moment of the report has come", alert(1, 90, 10), alert(2, 20, 20), [1, 20, 20, ""]],
])("mergeAlerts(): %s", (_, a, b, expected) => {
  const { startsAt, endsAt, updatedAt, generatorUrl } = mergeAlerts(a, b);
  expect([startsAt, endsAt, updatedAt, generatorUrl]).toEqual(expected);
  if (a.updatedAt !== b.updatedAt) expect(mergeAlerts(b, a)).toEqual(mergeAlerts(a, b));
});

test("an alert counts as ended from its end on", () => {
  expect([isResolvedAt(alert(1, 10, 1), 9), isResolvedAt(alert(1, 10, 1), 10)]).toEqual([false, true]);
});

test("alerts are in the order of job, instance, number of labels, and the first difference", () => {
  const sets = [
    { job: "a", instance: "2" },
    { job: "a", instance: "10", x: "1" },
    { job: "b" },
    { instance: "1" },
    { instance: "2" },
    { b: "1" },
    { a: "1" },
    { a: "2" },
    { a: "1", b: "1" },
    {},
  ].map((labels) => ({ labels: Labels.of(labels as Record<string, string>) }));
  const shown = sets.toSorted(compareAlerts).map(({ labels }) => JSON.stringify(labels.toRecord()));
  expect(shown).toEqual([
    '{"instance":"10","job":"a","x":"1"}',
    '{"instance":"2","job":"a"}',
    '{"job":"b"}',
    '{"instance":"1"}',
    '{"instance":"2"}',
    "{}",
    '{"b":"1"}',
    '{"a":"1"}',
    '{"a":"2"}',
    '{"a":"1","b":"1"}',
  ]);
});

test("both orders of labels are total", () => {
  const labels = fc
    .dictionary(fc.constantFrom("job", "instance", "a", "b"), fc.constantFrom("1", "2"))
    .map((record) => Labels.of(record));
  fc.assert(
    fc.property(labels, labels, labels, (a, b, c) => {
      for (const compare of [compareLabelSets, (x: Labels, y: Labels) => compareAlerts({ labels: x }, { labels: y })]) {
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0);
        expect(compare(a, b) === 0).toBe(a.key === b.key);
        if (compare(a, b) < 0 && compare(b, c) < 0) expect(compare(a, c)).toBeLessThan(0);
      }
    }),
  );
});

test.each([
  ["a report that ends where the known one begins replaces it", [50, 100], [1, 50]],
  ["a report that begins where the known one ends replaces it", [100, 200], [200, 300]],
  ["a report of the same times replaces it", [100, 200], [100, 200]],
])("put(): %s", (_, known, next) => {
  const store = new AlertStore();
  store.put(alert(known[0]!, known[1]!, 10));
  store.put(alert(next[0]!, next[1]!, 20));
  expect(store.get("f")).toMatchObject({ startsAt: next[0], endsAt: next[1] });
});

test("when an alert has ended, a new alert of its alertname is accepted again, and known alerts are always accepted", () => {
  const store = new AlertStore(2);
  const put = (alertname: string, fingerprint: string, endsAt: number): void =>
    store.put({ ...alert(1, endsAt, 1), labels: Labels.of({ alertname, fingerprint }), fingerprint });
  const notifications: string[] = [];
  const stop = store.subscribe(({ fingerprint }) => notifications.push(fingerprint));
  for (const print of ["a", "b", "c"]) put("A", print, 10);
  put("B", "d", 20);
  put("A", "a", 20);
  expect([store.all().map(({ fingerprint }) => fingerprint), [...store.limited], store.written]).toEqual([
    ["a", "b", "d"],
    [["A", 1]],
    4,
  ]);
  store.collect(10);
  stop();
  put("A", "c", 20);
  put("A", "e", 20);
  expect([store.all().length, [...store.limited], store.written, notifications]).toEqual([
    3,
    [["A", 2]],
    5,
    ["a", "b", "d", "a"],
  ]);
});
