import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

const nobody = { user: "" };

test("a dashboard with a refresh interval below min_refresh_interval cannot be saved, and in a provisioned one the interval is raised", async () => {
  const files = {
    "provisioning/dashboards/a.yaml": "apiVersion: 1\nproviders: [{name: p, options: {path: FOLDER/d}}]\n",
    "d/fast.json": '{"uid": "fast", "title": "Fast", "refresh": "5s"}',
  };
  await withRole({ files, env: { GF_DASHBOARDS_MIN_REFRESH_INTERVAL: "10s" } }, async ({ call, host }) => {
    const message = "Dashboard refresh interval is too low: 5s is below dashboards.min_refresh_interval (10s)";
    const save = (dashboard: object) => call("POST", "/api/dashboards/db", { dashboard: { title: "T", ...dashboard } });
    const refused = await save({ refresh: "5s" });
    expect([refused.status, refused.json.message]).toEqual([400, message]);
    expect((await save({ elements: {}, timeSettings: { autoRefresh: "5s" } })).status).toBe(400);
    const imported = await call("POST", "/api/dashboards/import", { dashboard: { title: "I", refresh: "5s" } });
    expect([imported.status, imported.json.message]).toEqual([400, message]);
    for (const refresh of ["10s", "1m", "", "auto", false]) {
      expect((await save({ title: `T ${refresh}`, refresh })).status).toBe(200);
    }
    expect((await call("GET", "/api/dashboards/uid/fast")).json.dashboard.refresh).toBe("10s");
    expect(host.output.stderr).toMatch(/refresh interval was raised to the shortest.*fast\.json/);
    expect((await call("GET", "/api/frontend/settings")).json.minRefreshInterval).toBe("10s");
  });
});

test("with snapshots.enabled=false, snapshots cannot be created, viewed or listed", async () => {
  await withRole({ env: { GF_SNAPSHOTS_ENABLED: "false" } }, async ({ call }) => {
    const made = await call("POST", "/api/snapshots", { dashboard: { title: "T" } });
    expect([made.status, made.json.message]).toEqual([403, "Dashboard Snapshots are disabled"]);
    expect((await call("GET", "/api/snapshots/x", undefined, nobody)).status).toBe(403);
    expect((await call("GET", "/api/dashboard/snapshots")).status).toBe(403);
    expect((await call("GET", "/api/snapshot/shared-options")).json.snapshotEnabled).toBe(false);
  });
});

test.each([
  ["/dashboards?query=a", { redirectUri: "/dashboards?query=a" }],
  ["explore", { redirectUri: "/explore" }],
  ["/", { meta: { isHome: true } }],
  ["//elsewhere.test/", { meta: { isHome: true } }],
])("the home page is users.home_page %j if no dashboard is chosen", async (path, expected) => {
  await withRole({ env: { GF_USERS_HOME_PAGE: path } }, async ({ call }) => {
    expect((await call("GET", "/api/dashboards/home")).json).toMatchObject(expected);
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "d", title: "D" } });
    await call("PATCH", "/api/user/preferences", { homeDashboardUID: "d" });
    expect((await call("GET", "/api/dashboards/home")).json).toEqual({ redirectUri: "/d/d/d" });
  });
});

test("pages receive the default theme and the shortest refresh interval", async () => {
  const files = {
    "ui/index.html": "<p>THEME_PLACEHOLDER MIN_REFRESH_PLACEHOLDER</p>",
    "provisioning/datasources/a.yaml": "datasources: [{name: A, uid: a, type: prometheus, url: 'http://a'}]\n",
  };
  const env = { GF_USERS_DEFAULT_THEME: "light", GF_DASHBOARDS_MIN_REFRESH_INTERVAL: "30s" };
  await withRole({ files, env }, async ({ call }) => {
    expect((await call("GET", "/dashboards")).text).toBe("<p>light 30000</p>");
    expect((await call("GET", "/sources/a/query")).text).toBe("<p>light 30000</p>");
  });
  await withRole({ files }, async ({ call }) => {
    expect((await call("GET", "/dashboards")).text).toBe("<p>system 5000</p>");
  });
});

test("preferences that the pages ignore, and an unknown organization, cause warnings", async () => {
  const env = { GF_AUTH_ANONYMOUS_ENABLED: "true", GF_AUTH_ANONYMOUS_ORG_NAME: "Public" };
  await withRole({ env }, async ({ call, host }) => {
    expect(host.output.stderr).toMatch(
      /auth\.anonymous\.org_name is not the name of the only organization.*named=Public/,
    );
    await call("PATCH", "/api/user/preferences", { homeDashboardUID: "" });
    expect(host.output.stderr).not.toContain("Preferences without effect");
    await call("PUT", "/api/org/preferences", { theme: "light", timezone: "utc" });
    expect(host.output.stderr).toMatch(/Preferences without effect were stored" preferences="theme, timezone"/);
    await call("PUT", "/api/org/preferences", { theme: "dark", weekStart: "monday" });
    expect(host.output.stderr.match(/Preferences without effect/g)).toHaveLength(2);
    await call("PUT", "/api/org/preferences", { theme: "light", timezone: "utc" });
    expect(host.output.stderr.match(/Preferences without effect/g)).toHaveLength(2);
    expect((await call("GET", "/api/org/preferences")).json).toMatchObject({ theme: "light", timezone: "utc" });
  });
});
