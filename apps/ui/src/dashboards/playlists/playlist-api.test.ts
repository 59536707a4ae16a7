import { expect, test } from "vitest";
import type { SearchHit } from "../data/dashboard-api.ts";
import { dashboardsOf } from "./playlist-api.ts";

const hit = (uid: string, tags: readonly string[] = [], type: SearchHit["type"] = "dash-db"): SearchHit => ({
  uid,
  title: uid,
  url: "",
  type,
  tags,
  isStarred: false,
});

test("a playlist shows dashboards in the order of its entries, keeps dashboards of a tag together, and leaves out deleted dashboards", () => {
  const hits = [hit("a", ["x"]), hit("b"), hit("c", ["x", "y"]), hit("folder", ["x"], "dash-folder")];
  const uids = dashboardsOf(
    [
      { type: "dashboard_by_uid", value: "b", title: "B" },
      { type: "dashboard_by_tag", value: "x", title: "x" },
      { type: "dashboard_by_uid", value: "gone", title: "" },
      { type: "dashboard_by_uid", value: "b", title: "B" },
    ],
    hits,
  ).map(({ uid }) => uid);
  expect(uids).toEqual(["b", "a", "c", "b"]);
});
