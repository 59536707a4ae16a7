import { fakeSmtp, type FakeSmtp } from "@narthex/receivers/testing";
import { expect, test } from "vitest";
import { type BrowserNotes, fakeBrowser } from "../testing/fake-browser.ts";
import { decodedMail, mailSettings } from "../testing/mail-links.ts";
import { type RunningRole, withRole } from "../testing/running-role.ts";

const EVE = { user: "eve:eves password" };

/** Runs a role with a fake browser and mail server, a dashboard `demo`, and the editor eve. */
async function withReports(
  env: Readonly<Record<string, string>>,
  use: (role: RunningRole, smtp: FakeSmtp) => Promise<void>,
): Promise<void> {
  await using smtp = await fakeSmtp({});
  const browser = { GF_RENDERING_BROWSER: fakeBrowser("drawn(333);"), GF_RENDERING_SANDBOX: "false" };
  await withRole({ env: { ...mailSettings(smtp), ...browser, ...env } }, async (role) => {
    await role.call("POST", "/api/dashboards/db", { dashboard: { uid: "demo", title: "Démo & more", panels: [] } });
    await role.call("POST", "/api/admin/users", { login: "eve", email: "eve@x", password: "eves password" });
    await role.call("PATCH", "/api/org/users/2", { role: "Editor" });
    await use(role, smtp);
  });
}

const report = (more: object = {}) => ({
  name: "Weekly load",
  recipients: "ann@x.org, ben@x.org;ann@x.org",
  replyTo: "ops@x.org",
  message: "Hello,\n\n<b>here</b> it is",
  schedule: {
    frequency: "daily",
    startDate: "2099-01-01T09:00:00+01:00",
    timeZone: "Europe/Berlin",
    workdaysOnly: true,
  },
  options: { orientation: "portrait", layout: "grid", theme: "dark" },
  enableDashboardUrl: true,
  dashboards: [
    {
      dashboard: { uid: "demo" },
      timeRange: { from: "now-24h", to: "now" },
      reportVariables: { job: ["a", "b"], "var-host": "h" },
    },
  ],
  formats: ["pdf", "image"],
  ...more,
});

test("a report is saved, listed, changed and removed, in the format of Grafana's API", async () => {
  await withReports({}, async (role) => {
    const made = await role.call("POST", "/api/reports", report());
    expect([made.status, made.json]).toEqual([200, { id: 1, message: "Report created" }]);
    const { json } = await role.call("GET", "/api/reports/1");
    expect(json).toMatchObject({
      id: 1,
      userId: 1,
      orgId: 1,
      recipients: "ann@x.org,ben@x.org",
      state: "scheduled",
      schedule: {
        startDate: "2099-01-01T08:00:00.000Z",
        endDate: null,
        frequency: "daily",
        workdaysOnly: true,
        timeZone: "Europe/Berlin",
      },
      options: { orientation: "portrait", layout: "grid", theme: "dark" },
      dashboards: [{ dashboard: { uid: "demo", name: "Démo & more" }, timeRange: { from: "now-24h", to: "now" } }],
      formats: ["pdf", "image"],
      narthex: { login: "admin", notice: "", nextRun: "2099-01-01T08:00:00.000Z" },
    });
    // A client may send back what it has read.
    const changed = await role.call("PUT", "/api/reports/1", { ...json, name: "Other", state: "paused" });
    expect([changed.status, changed.json.message]).toEqual([200, "Report updated"]);
    expect((await role.call("GET", "/api/reports")).json).toMatchObject([{ id: 1, name: "Other", state: "paused" }]);
    const audit = await role.call("GET", "/api/narthex/audit?kind=report");
    expect(audit.json.records.map(({ action, name }: { action: string; name: string }) => [action, name])).toEqual([
      ["changed", "Other"],
      ["created", "Weekly load"],
    ]);
    expect((await role.call("DELETE", "/api/reports/1")).json.message).toBe("Report config was removed");
    expect((await role.call("GET", "/api/reports/1")).status).toBe(404);
  });
});

test.each<[object, string]>([
  [{ name: " " }, "name: a report needs a name"],
  [{ recipients: "ann" }, 'recipients: "ann" is not an e-mail address'],
  [{ recipients: "" }, "recipients: a report needs at least one e-mail address"],
  [{ recipients: Array.from({ length: 51 }, (_, i) => `a${i}@x.org`).join() }, "recipients: at most 50 are allowed"],
  [{ recipients: "ann@evil.test" }, "recipients: ann@evil.test is in none of the domains of reporting.allowed_domains"],
  [{ formats: ["csv"] }, 'formats: "csv" is not supported; write pdf or image'],
  [{ options: { layout: "simple" } }, "options.layout: only grid is supported"],
  [{ state: "on" }, "state: write scheduled, paused or draft"],
  [{ dashboards: [] }, "dashboards: a report needs a dashboard"],
  [{ dashboards: [{ dashboard: { uid: "gone" } }] }, "Dashboard not found"],
  [{ schedule: {} }, "schedule.frequency: write once, hourly, daily, weekly, monthly, last, custom or never"],
  [{ schedule: { frequency: "daily" } }, "schedule.startDate: write a time such as 2026-12-31T09:00:00+01:00"],
  [
    { schedule: { frequency: "daily", startDate: "2099-01-01T09:00:00Z", timeZone: "Mars" } },
    'schedule.timeZone: "Mars" is not a time zone such as Europe/Berlin',
  ],
  [
    { schedule: { frequency: "daily", startDate: "2099-01-02T09:00:00Z", endDate: "2099-01-01T09:00:00Z" } },
    "schedule: the report would never be sent; check endDate and workdaysOnly",
  ],
  [
    {
      schedule: {
        frequency: "custom",
        startDate: "2099-01-02T09:00:00Z",
        intervalFrequency: "years",
        intervalAmount: 1,
      },
    },
    "schedule.intervalFrequency: write hours, days, weeks, months",
  ],
])("a report with %j is refused with the reason", async (more, message) => {
  await withReports({ GF_REPORTING_ALLOWED_DOMAINS: "x.org, example.org" }, async (role) => {
    const answer = await role.call("POST", "/api/reports", report(more));
    expect([answer.json.message, answer.status >= 400 && answer.status < 500]).toEqual([message, true]);
  });
});

test("a report is sent with its documents, pictures and links, and the sending is recorded", async () => {
  await withReports({}, async (role, { mails }) => {
    await role.call("POST", "/api/reports", report({ subject: "Load\r\nBcc: evil@x.org" }));
    const sent = await role.call("POST", "/api/reports/email", { id: "1", useEmailsFromReport: true });
    expect([sent.status, sent.json]).toEqual([200, { message: "Report was sent" }]);
    expect(mails.map(({ to }) => to)).toEqual([["ann@x.org", "ben@x.org"]]);
    const text = decodedMail(mails[0]!.message);
    expect(text).toMatch(/^Subject: Load Bcc: evil@x\.org\r?$/m);
    expect(text).toMatch(/^Reply-To: <?ops@x\.org>?\r?$/m);
    expect(text).toContain("<p>&lt;b&gt;here&lt;/b&gt; it is</p>");
    expect(text).toContain(
      "https://monitoring.example.org/grafana/d/demo/demo-and-more?from=now-24h&to=now&var-job=a&var-job=b&var-host=h",
    );
    expect(text).toMatch(/Content-Type: application\/pdf; name=demo-and-more\.pdf/);
    expect(text).toContain('<img src="cid:dashboard-1@narthex"');
    const encoded = /Content-ID: <dashboard-1@narthex>[^]*?\r?\n\r?\n([\w+/=\r\n]+)/.exec(mails[0]!.message)![1]!;
    const { url, sizes } = JSON.parse(Buffer.from(encoded, "base64").toString()) as BrowserNotes;
    expect(url).toContain(
      "/grafana/d/demo/x?from=now-24h&to=now&var-job=a&var-job=b&var-host=h&theme=dark&timezone=Europe",
    );
    expect(sizes[0]).toMatchObject({ width: 1200, deviceScaleFactor: 2 });
    const { runs } = (await role.call("GET", "/api/narthex/reports/1/runs")).json;
    expect(runs).toMatchObject([{ status: "sent", attempts: 1, error: "" }]);
    expect(runs[0].bytes).toBeGreaterThan(100);
  });
});

test("a test mail needs no saved report, and other addresses can get a saved one", async () => {
  await withReports({}, async (role, { mails }) => {
    const tested = await role.call("POST", "/api/reports/test-email", report({ schedule: undefined, formats: [] }));
    expect(tested.json).toEqual({ message: "Test email sent" });
    expect((await role.call("GET", "/api/reports")).json).toEqual([]);
    await role.call("POST", "/api/reports", report());
    await role.call("POST", "/api/reports/email", { id: 1, emails: "carl@x.org" });
    expect(mails.map(({ to }) => to)).toEqual([["ann@x.org", "ben@x.org"], ["carl@x.org"]]);
    expect((await role.call("POST", "/api/reports/email", { id: "1" })).json.message).toMatch(
      /^emails: write at least/,
    );
    expect((await role.call("POST", "/api/reports/email", { id: "9", emails: "a@x" })).status).toBe(404);
  });
});

test("a report that is too large, or without a mail server, is refused with the setting", async () => {
  await withReports({ GF_REPORTING_MAX_ATTACHMENT_SIZE_MB: "0" }, async (role) => {
    const answer = await role.call("POST", "/api/reports/test-email", report());
    expect([answer.status, answer.json.message]).toEqual([500, expect.stringContaining("max_attachment_size_mb")]);
  });
  await withReports({ GF_SMTP_ENABLED: "false" }, async (role) => {
    expect((await role.call("POST", "/api/reports/test-email", report())).status).toBe(412);
  });
});

test("only admins have reports by default, and editors only for dashboards that they may see", async () => {
  await withReports({}, async (role) => {
    expect((await role.call("GET", "/api/reports", undefined, EVE)).status).toBe(403);
    expect((await role.call("POST", "/api/reports", report(), EVE)).status).toBe(403);
  });
  await withReports({ GF_REPORTING_CREATORS: "Editor" }, async (role) => {
    await role.call("POST", "/api/folders", { uid: "hidden", title: "hidden" });
    await role.call("POST", "/api/folders/hidden/permissions", { items: [] });
    await role.call("POST", "/api/dashboards/db", {
      dashboard: { uid: "closed", title: "closed" },
      folderUid: "hidden",
    });
    const closed = report({ dashboards: [{ dashboard: { uid: "closed" } }] });
    await role.call("POST", "/api/reports", closed);
    expect((await role.call("POST", "/api/reports", report(), EVE)).json.id).toBe(2);
    expect((await role.call("GET", "/api/reports", undefined, EVE)).json).toMatchObject([{ id: 2, userId: 2 }]);
    for (const [method, path, body] of [
      ["GET", "/api/reports/1", undefined],
      ["GET", "/api/narthex/reports/1/runs", undefined],
      ["PUT", "/api/reports/1", report()],
      ["DELETE", "/api/reports/1", undefined],
      ["POST", "/api/reports/email", { id: "1", emails: "eve@x.org" }],
      ["POST", "/api/reports/test-email", closed],
      ["POST", "/api/reports", closed],
      ["PUT", "/api/reports/2", closed],
    ] as const)
      expect([method, path, (await role.call(method, path, body, EVE)).status]).toEqual([method, path, 403]);
    expect((await role.call("GET", "/api/reports/1")).json).toMatchObject({ userId: 1, name: "Weekly load" });
  });
});

test("a token with fewer rights than its account cannot save a report", async () => {
  await withReports({}, async (role) => {
    const { id } = (await role.call("POST", "/api/serviceaccounts", { name: "bot", role: "Admin" })).json;
    const token = async (more: object) => {
      const { key } = (
        await role.call("POST", `/api/serviceaccounts/${id}/tokens`, { name: crypto.randomUUID(), ...more })
      ).json;
      return { user: "", headers: { authorization: `Bearer ${key}` } };
    };
    const limited = await role.call("POST", "/api/reports", report(), await token({ scopes: ["admin", "read"] }));
    expect([limited.status, limited.json.message]).toEqual([403, expect.stringContaining("fewer rights")]);
    expect((await role.call("POST", "/api/reports", report(), await token({}))).status).toBe(200);
  });
});

test("a viewer gets a PDF of a dashboard", async () => {
  await withReports({}, async (role) => {
    await role.call("PATCH", "/api/org/users/2", { role: "Viewer" });
    const query = new URLSearchParams({ dashboards: JSON.stringify(report().dashboards), orientation: "portrait" });
    const pdf = await role.call("GET", `/api/reports/render/pdfs?${String(query)}`, undefined, EVE);
    expect([pdf.status, pdf.headers.get("content-type")]).toEqual([200, "application/pdf"]);
    expect(pdf.json.url).toContain("print=true");
    expect((await role.call("GET", "/api/reports/render/pdfs?dashboards=[]", undefined, EVE)).status).toBe(400);
    expect((await role.call("GET", "/api/reports/render/pdfs?dashboards={", undefined, EVE)).status).toBe(400);
  });
});
