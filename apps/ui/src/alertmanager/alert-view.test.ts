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

test.each(["{", "a", "a==b", '{a="b" c="d"}', '{a="b}'])("%j is no filter", (text) => {
  expect(parseMatchers(text)).toBeNull();
});

test("matchers print as the filter they were read from", () => {
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

test("anything but false is true", () => {
  expect(decodeAlertView("?silenced=TRUE&inhibited=False&active=FALSE")).toMatchObject({
    silenced: true,
    inhibited: false,
    active: false,
  });
});

test("a filter that cannot be read is kept as text", () => {
  expect(decodeAlertView("?filter=%7Boops").badFilter).toBe("{oops");
});

test("a view goes into the address and back", () => {
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

test("alerts group by the labels they have", () => {
  const groups = groupAlerts([alert({ a: "2" }), alert({ a: "1", b: "x" }), alert({ a: "1" })], ["a"]);
  expect(groups.map((group) => [group.labels, group.alerts.length])).toEqual([
    [{ a: "1" }, 2],
    [{ a: "2" }, 1],
  ]);
});
