import fc from "fast-check";
import { expect, test } from "vitest";
import { alertLinks, webAddress } from "./alert-links.ts";

const HOUR = 3_600_000;
const context = { homePath: "/grafana", startMs: 10 * HOUR, nowMs: 20 * HOUR };
const hrefs = (annotations: Record<string, string>, change: object = {}): readonly string[] =>
  alertLinks(annotations, { ...context, ...change }).map(({ name, href }) => `${name} ${href}`);

test("among the dashboards, an alert links to its panel with the time range around its start", () => {
  const annotations = { __dashboardUid__: "a b", __panelId__: "7" };
  expect(hrefs(annotations)).toEqual(["Dashboard /grafana/d/a%20b?viewPanel=panel-7&from=34200000&to=37800000"]);
  expect(hrefs(annotations, { nowMs: 10 * HOUR + 60_000 })).toEqual([
    "Dashboard /grafana/d/a%20b?viewPanel=panel-7&from=34200000&to=now",
  ]);
  expect(hrefs({ ...annotations, __panelId__: "7&x" }, { homePath: "", startMs: null })).toEqual([
    "Dashboard /d/a%20b",
  ]);
  expect(hrefs(annotations, { homePath: undefined })).toEqual([]);
});

test("an alert of a job links to what changed in the job when the alert began", () => {
  const labels = { job: "shop & co" };
  expect(hrefs({}, { labels })).toEqual([
    "What changed? /grafana/dashboard/what-changed?job=shop+%26+co&from=35700000&to=37800000",
  ]);
  expect(hrefs({}, { labels, homePath: undefined })).toEqual([]);
  expect(hrefs({}, { labels, startMs: null })).toEqual([]);
  expect(hrefs({}, { labels: {} })).toEqual([]);
});

test("values of variables are kept if the address is that of the dashboard", () => {
  const address = "https://other/prefix/d/svc/service?var-job=a%26b&var-job=c&from=now-6h&kiosk";
  const annotations = { __dashboardUid__: "svc", dashboard: address };
  expect(hrefs(annotations, { startMs: null })).toEqual(["Dashboard /grafana/d/svc?var-job=a%26b&var-job=c"]);
  expect(hrefs({ ...annotations, __dashboardUid__: "sv" }, { startMs: null })).toEqual(["Dashboard /grafana/d/sv"]);
  expect(hrefs(annotations, { homePath: undefined })).toEqual([`Dashboard ${address}`]);
});

test("web addresses become links, and all other text stays text", () => {
  expect(hrefs({ dashboard: "http://x/d/1", runbook_url: "HTTPS://y/book" })).toEqual([
    "Dashboard http://x/d/1",
    "Runbook HTTPS://y/book",
  ]);
  expect(hrefs({ dashboard: "see the wiki", dashboard_url: " https://x ", runbook: "https://y" })).toEqual([
    "Dashboard https://x",
    "Runbook https://y",
  ]);
  for (const text of [
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "//host/x",
    "/d/x",
    "https:x",
    "http://",
    "mailto:a@b",
    "vbscript:x",
    "{{ .x }}",
    "https://x/{{ .y }}",
  ])
    expect(hrefs({ dashboard: text, runbook_url: text }), text).toEqual([]);
});

test("webAddress() returns only http and https addresses", () => {
  const pieces = fc.array(
    fc.constantFrom("http", "https", "javascript", ":", "/", "//", "\u0000", "\t", " ", "\\", "@", "x", "[", "%"),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const address = webAddress(parts.join(""));
      if (address !== undefined) expect(["http:", "https:"]).toContain(new URL(address, "https://base").protocol);
    }),
  );
});

test("an annotation cannot link outside the folder of the dashboards", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }).filter((uid) => uid.trim() !== "" && !uid.includes("{{")),
      (uid) => {
        const [link] = alertLinks({ __dashboardUid__: uid }, { ...context, startMs: null });
        expect(new URL(link!.href, "https://base").origin).toBe("https://base");
      },
    ),
  );
});
