import { expect, test } from "vitest";
import type { SearchHit } from "./dashboard-api.ts";
import { byTitle, matchingHits, folderRows, routeOf, tagCounts } from "./dashboard-list.ts";

const dash = (title: string, more: Partial<SearchHit> = {}): SearchHit => ({
  uid: title,
  title,
  url: `/d/${title}`,
  type: "dash-db",
  tags: [],
  isStarred: false,
  ...more,
});
const folder = (title: string, more: Partial<SearchHit> = {}): SearchHit =>
  dash(title, { ...more, type: "dash-folder" });
const titles = (hits: readonly SearchHit[]): string[] => hits.map(({ title }) => title);
const everything = { text: "", tags: [], isStarredOnly: false, order: "alpha-asc" } as const;

test("titles are sorted in natural order", () => {
  const hits = [dash("node 10"), dash("Node 2"), dash("alpha")];
  expect(titles(byTitle(hits, "alpha-asc"))).toEqual(["alpha", "Node 2", "node 10"]);
  expect(titles(byTitle(hits, "alpha-desc"))).toEqual(["node 10", "Node 2", "alpha"]);
});

test("words are found in titles, folders and tags, and titles that start with a word come first", () => {
  const hits = [
    dash("The api"),
    dash("API server"),
    dash("x", { tags: ["api"] }),
    dash("y", { folderTitle: "Api" }),
    dash("z"),
  ];
  expect(titles(matchingHits(hits, { ...everything, text: "api" }))).toEqual(["API server", "The api", "x", "y"]);
  expect(titles(matchingHits(hits, { ...everything, text: "server api" }))).toEqual(["API server"]);
  expect(titles(matchingHits(hits, { ...everything, tags: ["api"] }))).toEqual(["x"]);
  expect(matchingHits(hits, { ...everything, isStarredOnly: true })).toEqual([]);
});

test("folders contain their dashboards, and closed folders hide them", () => {
  const hits = [
    dash("top"),
    folder("b"),
    folder("a"),
    folder("inner", { folderUid: "a" }),
    dash("deep", { folderUid: "inner" }),
    dash("in a", { folderUid: "a" }),
    dash("lost", { folderUid: "gone" }),
    folder("own", { folderUid: "own" }),
  ];
  const lines = (closed: readonly string[], root = "") =>
    folderRows(hits, "alpha-asc", (uid) => closed.includes(uid), root).map(
      ({ hit, depth, count }) => `${"  ".repeat(depth)}${hit.title} ${count}`,
    );
  expect(lines([])).toEqual(["a 2", "  inner 1", "    deep 1", "  in a 1", "b 0", "lost 1", "top 1"]);
  expect(lines(["a"])).toEqual(["a 2", "b 0", "lost 1", "top 1"]);
  expect(lines([], "a")).toEqual(["inner 1", "  deep 1", "in a 1"]);
});

test("a tag is counted once for each dashboard", () => {
  const hits = [dash("1", { tags: ["b", "b", "a"] }), dash("2", { tags: ["b"] }), dash("3", { tags: ["constructor"] })];
  expect(tagCounts(hits)).toEqual([
    ["b", 2],
    ["a", 1],
    ["constructor", 1],
  ]);
});

test("routes are relative to the root of the app", () => {
  expect(routeOf("/grafana/d/x/y", "/grafana")).toBe("/d/x/y");
  expect(routeOf("/d/x/y", "")).toBe("/d/x/y");
  expect(routeOf("//evil.example", "").startsWith("//")).toBe(false);
});
