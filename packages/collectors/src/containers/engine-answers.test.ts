import { expect, test } from "vitest";
import { engineFacts, listed, startedOf } from "./engine-answers.ts";

test.each([
  ["Up 2 hours", -1],
  ["Up 2 hours (healthy)", 1],
  ["Up 2 hours (unhealthy)", 0],
  ["Up 1 second (health: starting)", 0],
  ["Up 2 hours (Paused)", -1],
  ["", -1],
])("a container that is %j has the health %d", (Status, health) => {
  expect(listed([{ Id: "a", Names: [], Status }])[0]!.health).toBe(health);
});

test.each([
  [["/web"], "web"],
  [["/other/alias", "/web"], "web"],
  [["web"], "web"],
  [[], ""],
])("the container's own name among %j is %j", (Names, name) => {
  expect(listed([{ Id: "a", Names }])[0]!.name).toBe(name);
});

test("times are read as unix seconds from numbers and from dates; a date of the year 1 means no time", () => {
  expect(listed([{ Created: 1_700_000_000 }, { Created: "2023-11-14T22:13:20Z" }]).map((one) => one.createdAt)).toEqual(
    [1_700_000_000, 1_700_000_000],
  );
  expect(startedOf({ State: { StartedAt: "2023-11-14T22:13:20.9Z" } }).startedAt).toBe(1_700_000_000);
  expect(startedOf({ State: { StartedAt: "0001-01-01T00:00:00Z" } }).startedAt).toBeUndefined();
});

test("an answer of an unexpected shape does not crash the reader", () => {
  expect(() => listed({ message: "no" })).toThrow("the engine's list of containers is not a JSON array");
  expect(listed([null, 3, { Id: 4, Names: "x", Labels: [], Status: null }])).toMatchObject([{ id: "", name: "" }]);
  expect(startedOf({ Config: { Env: ["A", 1] } }).variables).toEqual([
    ["A", ""],
    ["", ""],
  ]);
  expect(engineFacts(null)).toEqual({ version: "", dataFolder: undefined });
});
