import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

test.each([
  ["annotation", "/api/annotations", { text: "x".repeat(300_000) }],
  ["playlist", "/api/playlists", { name: "x".repeat(600_000), items: [] }],
  ["library element", "/api/library-elements", { name: "x", kind: 1, model: { text: "x".repeat(9_000_000) } }],
  ["snapshot", "/api/snapshots", { name: "x".repeat(5000), dashboard: {} }],
])("a long %s is refused", async (noun, path, body) => {
  await withRole({}, async ({ call }) => {
    const { status, json } = await call("POST", path, body);
    expect([status, json.message]).toEqual([413, expect.stringContaining(`the ${noun} needs `)]);
  });
});

test("preferences that are too long are refused", async () => {
  await withRole({}, async ({ call }) => {
    const tooLong = await call("PUT", "/api/user/preferences", { timezone: "x".repeat(5000) });
    expect([tooLong.status, tooLong.json.message]).toEqual([400, expect.stringContaining("at most")]);
    expect((await call("PUT", "/api/user/preferences", { timezone: "utc" })).status).toBe(200);
  });
});
