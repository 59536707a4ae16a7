import { expect, test } from "vitest";
import { decodeAlertView, encodeAlertView, groupAlerts } from "./alert-view.ts";
import { formatMatchers, parseMatchers } from "./matcher-filter.ts";

test.each([
  ["", []],
  ["{}", []],
  ['{alertname="X"}', [{ name: "alertname", operator: "=", value: "X" }]],
  [
    '{a!="b", c=~"d|e",f!~"g"}',
    [
      { name: "a", operator: "!=", value: "b" },
      { name: "c", operator: "=~", value: "d|e" },
      { name: "f", operator: "!~", value: "g" },
    ],
  ],
  ["severity=critical", [{ name: "severity", operator: "=", value: "critical" }]],
  ["{alertname=&quot;X&quot;}", [{ name: "alertname", operator: "=", value: "X" }]],
  ['{"a b"="c\\"d, e"}', [{ name: "a b", operator: "=", value: 'c"d, e' }]],
])("parseMatchers(%j)", (text, matchers) => {
  expect(parseMatchers(text)).toEqual(matchers);
});

test.each(["{", "a", "a==b", '{a="b" c="d"}', '{a="b}'])("parsing %j as a filter returns null", (text) => {
  expect(parseMatchers(text)).toBeNull();
});

test("formatted matchers equal the filter from which they were parsed", () => {
  const text = '{a="b", "c.d"=~"e\\"f"}';
  expect(formatMatchers(parseMatchers(text) ?? [])).toBe(text);
});

test("an address without parameters shows active alerts grouped by name", () => {
  expect(decodeAlertView("")).toMatchObject({
    active: true,
    silenced: false,
    inhibited: false,
    muted: false,
    group: ["alertname"],
  });
});

test("every value except false counts as true", () => {
  expect(decodeAlertView("?silenced=TRUE&inhibited=False&active=FALSE")).toMatchObject({
    silenced: true,
    inhibited: false,
    active: false,
  });
});

test("a filter that cannot be parsed is kept as text", () => {
  expect(decodeAlertView("?filter=%7Boops").badFilter).toBe("{oops");
});

test("encoding and decoding an alert view returns the same view", () => {
  const view = decodeAlertView(
    "?silenced=true&inhibited=false&muted=false&active=false&filter=%7Ba%3D%22b%22%7D&receiver=team&group=x%2Cy&customGrouping=true",
  );
  expect(decodeAlertView(`?${encodeAlertView(view)}`)).toEqual(view);
  expect(decodeAlertView("?group=").group).toEqual([]);
});

const alert = (labels: Record<string, string>) => ({
  fingerprint: JSON.stringify(labels),
  labels,
  annotations: {},
  startsAt: "",
  endsAt: "",
  updatedAt: "",
  receivers: [],
  status: { state: "active" as const, silencedBy: [], inhibitedBy: [] },
});

test("alerts without a grouping label are grouped by the labels that they have", () => {
  const groups = groupAlerts([alert({ a: "2" }), alert({ a: "1", b: "x" }), alert({ a: "1" })], ["a"]);
  expect(groups.map((group) => [group.labels, group.alerts.length])).toEqual([
    [{ a: "1" }, 2],
    [{ a: "2" }, 1],
  ]);
});
