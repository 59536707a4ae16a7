import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { FakeMachine } from "../testing/fake-machine.ts";
import { writeGrafanaDatabase } from "../testing/grafana-file.ts";
import { GrafanaDatabaseError, grafanaContents } from "./grafana-database.ts";

const data = (json: object): string => JSON.stringify(json);

test("dashboards have their folders, including nested ones and those of old versions; provisioned and deleted dashboards and other organizations are skipped", () => {
  using machine = new FakeMachine();
  const path = machine.path("/grafana.db");
  writeGrafanaDatabase(path, {
    dashboard: [
      { id: 1, uid: "ops", title: "Ops", is_folder: 1, data: "{}" },
      { id: 2, uid: "a", title: "Root", data: data({ id: 2, title: "Root", panels: [] }) },
      { id: 3, uid: "b", title: "Old", folder_id: 1, data: data({ title: "Old" }) },
      { id: 4, uid: "c", title: "Nested", folder_uid: "team", data: data({ title: "Nested" }) },
      { id: 5, uid: "d", title: "Of a file", data: data({}) },
      { id: 6, uid: "e", title: "Gone", data: data({}), deleted: "2026-01-01" },
      { id: 7, uid: "f", title: "Of others", org_id: 2, data: data({}) },
      { id: 8, uid: "g", title: "Broken", data: "{" },
    ],
    folder: [
      { uid: "ops", title: "Operations", parent_uid: null },
      { uid: "team", title: "Team", parent_uid: "ops" },
    ],
    dashboard_provisioning: [{ dashboard_id: 5, name: "files" }],
    org: [
      { id: 1, name: "Main" },
      { id: 2, name: "Others" },
    ],
    user: [
      { id: 1, login: "admin" },
      { id: 2, login: "eve" },
    ],
  });
  const before = readFileSync(path);
  const { dashboards, broken, others } = grafanaContents(path);
  expect(dashboards.map(({ uid, folders }) => [uid, folders])).toEqual([
    ["a", []],
    ["b", ["Operations"]],
    ["c", ["Operations", "Team"]],
  ]);
  expect(dashboards[0]!.json).toEqual({ id: null, uid: "a", title: "Root", panels: [] });
  expect(broken).toEqual([expect.stringMatching(/^Broken \(g\): /)]);
  expect(others).toEqual({ users: 1, "other organizations": 1 });
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("references to library panels are replaced by the panels, which keep the reference's id and size", () => {
  using machine = new FakeMachine();
  const path = machine.path("/grafana.db");
  const place = { id: 7, gridPos: { x: 1, y: 2, w: 3, h: 4 }, libraryPanel: { uid: "lib", name: "Load" } };
  const row = { type: "row", panels: [{ ...place, libraryPanel: { uid: "none" } }] };
  writeGrafanaDatabase(path, {
    dashboard: [{ id: 1, uid: "a", title: "A", data: data({ panels: [place, row] }) }],
    library_element: [{ uid: "lib", model: data({ type: "stat", title: "Load", id: 1, gridPos: { x: 0 } }) }],
  });
  expect(grafanaContents(path).dashboards[0]!.json["panels"]).toEqual([
    { type: "stat", title: "Load", id: 7, gridPos: place.gridPos },
    row,
  ]);
});

test("what is not migrated is counted by kind; the current version of a dashboard is no older version", () => {
  using machine = new FakeMachine();
  const path = machine.path("/grafana.db");
  const [one, two] = [[{ id: 1 }], [{ id: 1 }, { id: 2 }]];
  writeGrafanaDatabase(path, {
    dashboard: [{ id: 1, uid: "a", title: "A", data: data({}) }],
    dashboard_public: [{ uid: "p" }],
    dashboard_snapshot: one,
    dashboard_version: [...two, { id: 3 }],
    preferences: one,
    star: two,
  });
  expect(grafanaContents(path).others).toEqual({
    "public dashboards": 1,
    snapshots: 1,
    stars: 2,
    preferences: 1,
    "older versions of dashboards": 2,
  });
});

test("only the keys of a data source's secrets are reported", () => {
  using machine = new FakeMachine();
  const path = machine.path("/grafana.db");
  writeGrafanaDatabase(path, {
    data_source: [
      {
        uid: "p",
        name: "Prometheus",
        type: "prometheus",
        access: "proxy",
        url: "http://localhost:9090",
        is_default: 1,
        basic_auth: 1,
        basic_auth_user: "me",
        json_data: data({ timeInterval: "5s" }),
        secure_json_data: data({ basicAuthPassword: "c2VhbGVk" }),
      },
    ],
  });
  expect(grafanaContents(path).sources).toEqual([
    {
      uid: "p",
      name: "Prometheus",
      type: "prometheus",
      settings: {
        access: "proxy",
        url: "http://localhost:9090",
        isDefault: true,
        basicAuth: true,
        basicAuthUser: "me",
        jsonData: { timeInterval: "5s" },
      },
      secrets: ["basicAuthPassword"],
    },
  ]);
});

test.each([
  [
    "a text",
    (path: string, machine: FakeMachine) =>
      machine.write(path, "no database, but long enough to be looked at".repeat(40)),
  ],
  [
    "a database of another program",
    (path: string, machine: FakeMachine) => {
      const other = new DatabaseSync(machine.path(path));
      other.exec("CREATE TABLE a (b)");
      other.close();
    },
  ],
])("%s is refused by its path", (_, write) => {
  using machine = new FakeMachine();
  write("/other.db", machine);
  expect(() => grafanaContents(machine.path("/other.db"))).toThrow(GrafanaDatabaseError);
  expect(() => grafanaContents(machine.path("/other.db"))).toThrow(/other\.db cannot be read: /);
});
