import { columnOf, type Frame } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { plainFrames, readAction } from "./plugin-input.ts";

test("a plugin gets frames as plain lists, in which a missing value is null", () => {
  const frame: Frame = {
    name: "load",
    length: 2,
    fields: [
      columnOf({ name: "time" }, "time", [1, 2]),
      columnOf({ name: "v", labels: { job: "a" }, config: { unit: "s", displayNameFromDS: "V" } }, "number", [null, 2]),
      columnOf({ name: "other" }, "json", [{}, {}]),
    ],
  };
  expect(plainFrames([frame])).toEqual([
    {
      name: "load",
      fields: [
        { name: "time", type: "time", values: [1, 2], config: {} },
        { name: "v", type: "number", values: [null, 2], labels: { job: "a" }, config: { unit: "s", displayName: "V" } },
      ],
    },
  ]);
});

test("frames with too many values are not sent to a plugin", () => {
  const field = columnOf({ name: "v" }, "boolean", []);
  expect(plainFrames([{ length: 500_001, fields: [field, field] }])).toBeUndefined();
});

test.each([
  [{ kind: "ready" }, { kind: "ready" }],
  [
    { kind: "error", message: "x".repeat(2000) },
    { kind: "error", message: "x".repeat(1000) },
  ],
  [
    { kind: "setTimeRange", from: 1, to: 2, more: 3 },
    { kind: "setTimeRange", range: { from: 1, to: 2 } },
  ],
  [
    { kind: "openLink", url: "https://example.org/a" },
    { kind: "openLink", url: "https://example.org/a" },
  ],
])("the message %j of a plugin is an action", (message, action) => {
  expect(readAction({ narthexPanel: 1, ...message })).toEqual(action);
});

test.each([
  null,
  "ready",
  { kind: "ready" },
  { narthexPanel: 1, kind: "reload" },
  { narthexPanel: 1, kind: "__proto__" },
  { narthexPanel: 1, kind: "error", message: { toString: 1 } },
  { narthexPanel: 1, kind: "setTimeRange", from: 2, to: 1 },
  { narthexPanel: 1, kind: "setTimeRange", from: "1", to: 2 },
  { narthexPanel: 1, kind: "setTimeRange", from: NaN, to: 2 },
  { narthexPanel: 1, kind: "setTimeRange", from: 0, to: 9e15 },
  { narthexPanel: 1, kind: "openLink", url: "javascript:alert(1)" },
  { narthexPanel: 1, kind: "openLink", url: "file:///etc/passwd" },
  { narthexPanel: 1, kind: "openLink", url: "/api/admin/settings" },
  { narthexPanel: 1, kind: "openLink", url: `https://example.org/${"x".repeat(5000)}` },
])("the message %j of a plugin is ignored", (message) => {
  expect(readAction(message)).toBeUndefined();
});
