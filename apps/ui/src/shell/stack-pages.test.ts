import { expect, test } from "vitest";
import { readPageSettings } from "../api/page-settings.ts";
import { apiOf, pagesOf, receiversAddress } from "./stack-pages.ts";

const settings = readPageSettings(JSON.stringify({ stack: "server=sources/main alertmanager=sources/a%20m" }));

test("the pages and the API of another program are below the root of the dashboards", () => {
  expect(pagesOf("alertmanager", settings, "/grafana")).toBe("/grafana/sources/a%20m");
  expect(apiOf("alertmanager", settings, "/grafana")).toBe("/grafana/api/datasources/proxy/uid/a%20m");
});

test("a program outside of a stack, or without this role, knows none", () => {
  expect([pagesOf("server", settings, undefined), apiOf("server", settings, undefined)]).toEqual([
    undefined,
    undefined,
  ]);
  expect([pagesOf("pushgateway", settings, ""), apiOf("pushgateway", settings, "")]).toEqual([undefined, undefined]);
});

test("receivers are set up on the pages of the Alertmanager, which may be the shown pages", () => {
  expect(receiversAddress(settings, "/grafana", "/grafana/sources/main")).toBe("/grafana/sources/a%20m/receivers");
  expect(receiversAddress(settings, undefined, "")).toBeUndefined();
  const own = readPageSettings(JSON.stringify({ role: "alertmanager" }));
  expect(receiversAddress(own, undefined, "/am")).toBe("/am/receivers");
});
