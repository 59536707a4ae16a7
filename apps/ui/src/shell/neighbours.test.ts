import { expect, test } from "vitest";
import { alertmanagerRole } from "../roles/alertmanager.tsx";
import { dashboardsRole } from "../roles/dashboards.tsx";
import { pushgatewayRole } from "../roles/pushgateway.tsx";
import { serverRole } from "../roles/server.tsx";
import { neighboursOf } from "./neighbours.ts";
import { readPageSettings } from "../api/page-settings.ts";

const roles = {
  server: serverRole,
  alertmanager: alertmanagerRole,
  pushgateway: pushgatewayRole,
  dashboards: dashboardsRole,
};
const settings = (values: Record<string, string>) => readPageSettings(JSON.stringify(values));

test("a role that is alone on its server has its own bar", () => {
  expect(neighboursOf(roles, settings({ role: "server" }), undefined)).toEqual([]);
  expect(neighboursOf(roles, settings({ role: "dashboards" }), "")).toEqual([]);
});

test("several roles share a bar, each with links below its own folder", () => {
  const stack = "server=sources/main nonsense=x alertmanager=sources/a%20m";
  const shared = neighboursOf(roles, settings({ role: "server", stack }), "/grafana");
  expect(shared.map(({ root }) => root)).toEqual(["/grafana", undefined, "/grafana/sources/a%20m"]);
  expect(shared.flatMap(({ links }) => links.map(({ name }) => name))).toEqual([
    ...dashboardsRole.links.map(({ name }) => name),
    "Query",
    "Alerts",
    "Silences",
  ]);
  expect(shared.at(-1)?.menu.flatMap(({ links }) => links.map(({ path }) => path))).toEqual([
    "/alerts",
    "/notifications",
    "/receivers",
    "/status",
    "/settings",
  ]);
});
