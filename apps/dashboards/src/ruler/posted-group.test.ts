import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { postedGroup } from "./posted-group.ts";

const posted = (text: string, type = "application/json") => runToEnd(postedGroup(Buffer.from(text), type));

const YAML = `name: web
interval: 1m
rules:
- alert: Down
  expr: up == 0
  keep_firing_for: 5m
`;

test("a group in JSON becomes YAML, without fields that servers do not know", () => {
  const rule = { alert: "Down", expr: "up == 0", keep_firing_for: "5m", uid: "x", for: null };
  const json = JSON.stringify({ name: "web", interval: "1m", rules: [rule], folder: "f" });
  expect(posted(json)).toEqual({ name: "web", yaml: YAML });
  expect(posted(YAML, "application/yaml; charset=utf-8")).toEqual({ name: "web", yaml: YAML });
});

test.each([
  ["[1]", "application/json", "the body must be one rule group: name, interval, rules"],
  ["{", "application/json", "bad request data"],
  ["a: [", "text/yaml", /^body:\d+:\d+: /],
  [
    JSON.stringify({ name: "web", rules: [{ alert: "x" }, { grafana_alert: {} }] }),
    "application/json",
    "rule 2 has grafana_alert, but only data sources evaluate rules here: send `alert` or `record` with `expr`",
  ],
  [JSON.stringify({ name: "x".repeat(3_000_000) }), "application/json", /characters; split it$/],
])("the body %.40j is refused", (text, type, message) => {
  expect(() => posted(text, type)).toThrow(message);
});
