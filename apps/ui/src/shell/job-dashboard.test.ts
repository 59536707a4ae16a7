import { expect, test } from "vitest";
import { jobDashboardAddress } from "./job-dashboard.ts";

test("a job has a dashboard if its page is within the dashboards, with the data source of the page", () => {
  const place = { homePath: "/grafana", rootPath: "/grafana/sources/a%20b", isServer: true };
  const node = { job: "node&x", metric: "" };
  expect(jobDashboardAddress(node, place)).toBe("/grafana/dashboard/generate?job=node%26x&source=a+b");
  expect(jobDashboardAddress({ ...node, metric: "up" }, { ...place, isServer: false })).toBe(
    "/grafana/dashboard/generate?job=node%26x&search=up",
  );
  expect(jobDashboardAddress({ job: "", metric: "" }, place)).toBeUndefined();
  expect(jobDashboardAddress(node, { ...place, homePath: undefined })).toBeUndefined();
});
