import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeSmtp, hasOpenssl, selfSigned, type SmtpBehavior } from "@narthex/receivers/testing";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { narthex } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

/** A running Alertmanager with one receiver, to which one alert was posted. */
interface Manager {
  metric(name: string, labels: Readonly<Record<string, string>>): Promise<number>;
  /** Resolves with the latest entry of the notification history. */
  latest(): Promise<Past | undefined>;
  /** Posts the alert to Alertmanager as firing or resolved. */
  post(alert: object): Promise<void>;
  readonly log: () => string;
}

interface Past {
  readonly outcome: string;
  readonly error?: string;
  readonly attemptCount: number;
  readonly attempts: readonly { readonly outcome: string; readonly reason?: string }[];
}

const ALERT = { labels: { alertname: "Disk", severity: "critical" }, annotations: { summary: "full" } };

/** Starts an Alertmanager whose route notifies `receiver` at once. */
async function withManager(
  { receiver, global = "{}" }: { receiver: string; global?: string },
  use: (manager: Manager) => Promise<void>,
): Promise<void> {
  using workplace = new Workplace();
  const port = await freePort();
  const file = workplace.write(
    "alertmanager.yml",
    `global: ${global}\nroute: {receiver: r, group_by: [alertname], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}\nreceivers: [{name: r, ${receiver}}]\n`,
  );
  await using process = narthex([
    "alertmanager",
    `--config.file=${file}`,
    `--storage.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--cluster.listen-address=",
  ]);
  const url = `http://127.0.0.1:${port}`;
  await process.ready(`${url}/-/ready`);
  const manager: Manager = {
    async metric(name, labels) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text
        .split("\n")
        .find(
          (each) =>
            each.startsWith(`${name}{`) &&
            Object.entries(labels).every(([key, value]) => each.includes(`${key}="${value}"`)),
        );
      return Number(line?.split(" ").at(-1) ?? 0);
    },
    async latest() {
      const list = (await (await fetch(`${url}/api/v2/narthex/notifications`)).json()) as readonly Past[];
      return list[0];
    },
    async post(alert) {
      const init = { headers: { "content-type": "application/json" }, body: JSON.stringify([alert]) };
      expect((await fetch(`${url}/api/v2/alerts`, { method: "POST", ...init })).status).toBe(200);
    },
    log: () => process.output,
  };
  await manager.post(ALERT);
  await use(manager);
}

const mail = (port: number, fields = "require_tls: false"): { receiver: string; global: string } => ({
  receiver: `email_configs: [{to: ops@x.org, send_resolved: true, ${fields}}]`,
  global: `{smtp_smarthost: 'localhost:${port}', smtp_from: am@x.org}`,
});

const EMAIL = { integration: "email" };
const SLACK = { integration: "slack" };

test.concurrent.each<[string, SmtpBehavior, string]>([
  ["refuses the connection's greeting", { replies: { CONNECT: "421 busy" } }, 'create SMTP client: 421 "busy"'],
  ["refuses the sender", { replies: { MAIL: "451 later" } }, 'send MAIL command: 451 "later"'],
  ["refuses a recipient", { replies: { RCPT: "550 who?" } }, 'send RCPT command: 550 "who?"'],
  ["refuses the message", { replies: { DOT: "452 disk full" } }, 'delivery failure: 452 "disk full"'],
  ["cuts the line after EHLO", { cutAt: "EHLO" }, "send EHLO command: EOF"],
  ["cuts the line in the message", { cutAt: "DOT" }, "delivery failure: EOF"],
])(
  "a mail server that %s gets the mail at a later attempt, and both attempts are counted",
  async (_name, behavior, reason) => {
    await using smtp = await fakeSmtp({ ...behavior });
    await withManager(mail(smtp.port), async (manager) => {
      await eventually("one attempt failed", async () => {
        expect(manager.log()).toContain("Notify attempt failed, will retry later");
      });
      expect(manager.log()).toContain(reason.replaceAll('"', String.raw`\"`));
      delete smtp.behavior.replies;
      delete smtp.behavior.cutAt;
      await eventually("the mail has arrived", async () => expect(smtp.mails).toHaveLength(1));
      await eventually("the books are closed", async () => {
        const past = await manager.latest();
        expect(past).toMatchObject({ outcome: "sent" });
        expect(past!.attempts[0]).toMatchObject({ outcome: "retry", reason });
        expect(past!.attempts.at(-1)).toMatchObject({ outcome: "sent" });
      });
      const requests = await manager.metric("alertmanager_notification_requests_total", EMAIL);
      expect(requests).toBeGreaterThanOrEqual(2);
      expect(await manager.metric("alertmanager_notification_requests_failed_total", EMAIL)).toBe(requests - 1);
      expect(await manager.metric("alertmanager_notifications_total", EMAIL)).toBe(1);
      expect(await manager.metric("alertmanager_notifications_failed_total", EMAIL)).toBe(0);
      expect(smtp.mails[0]!.message).toContain("Subject: [FIRING:1] Disk (critical)");
    });
  },
);

test
  .skipIf(!hasOpenssl())
  .concurrent("bad TLS of a mail server is named, and no mail and no password goes there", async () => {
    await using stranger = await fakeSmtp({ starttls: selfSigned(), mechanisms: ["PLAIN"] });
    await using broken = await fakeSmtp({ brokenTls: true, mechanisms: ["PLAIN"] });
    await using bare = await fakeSmtp({ mechanisms: ["PLAIN"] });
    const hosts = [stranger, broken, bare].map(({ port }) => `{to: a@x.org, smarthost: 'localhost:${port}'}`);
    const receiver = `email_configs: [${hosts.join(", ")}]`;
    const global = "{smtp_from: am@x.org, smtp_auth_username: u1, smtp_auth_password: p1}";
    await withManager({ receiver, global }, async (manager) => {
      await eventually("all three failed", async () => {
        expect(manager.log()).toContain("x509: certificate signed by unknown authority");
        expect(manager.log()).toContain("first record does not look like a TLS handshake");
        expect(manager.log()).toContain("does not advertise the STARTTLS extension");
      });
      const sent = [stranger, broken, bare].flatMap(({ commands }) => commands);
      expect(sent.filter((line) => /AUTH|MAIL/.test(line))).toEqual([]);
    });
  });

test.concurrent("a silent mail server does not delay beyond the flush, which counts as failed", async () => {
  await using smtp = await fakeSmtp({ silentAt: "DATA" });
  await withManager(mail(smtp.port), async (manager) => {
    const failed = { ...EMAIL, reason: "contextDeadlineExceeded" };
    await eventually("the first flush has failed", async () =>
      expect(await manager.metric("alertmanager_notifications_failed_total", failed)).toBe(1),
    );
    delete smtp.behavior.silentAt;
    await eventually("the next flush tells", async () => expect(smtp.mails).toHaveLength(1));
    await eventually("the books are closed", async () =>
      expect(await manager.latest()).toMatchObject({ outcome: "sent", attemptCount: 1 }),
    );
    const attempts = await manager.metric("alertmanager_notifications_total", EMAIL);
    expect(attempts - (await manager.metric("alertmanager_notifications_failed_total", failed))).toBe(1);
  });
});

test.concurrent("a slow mail server gets one mail, and does not delay another receiver of the route", async () => {
  await using smtp = await fakeSmtp({ delayMs: 300 });
  await using hook = await slackServer(() => ({ status: 200, body: "ok" }));
  const { receiver, global } = mail(smtp.port);
  await withManager({ receiver: `${receiver}, webhook_configs: [{url: '${hook.url}'}]`, global }, async () => {
    await eventually("the webhook has the notification", async () => expect(hook.requests).toHaveLength(1));
    expect(smtp.mails).toHaveLength(0);
    await eventually("the mail has arrived", async () => expect(smtp.mails).toHaveLength(1));
    expect(smtp.connections).toBe(1);
  });
});

interface SlackAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts a fake Slack server. `answer` gets the number of requests so far and returns the response. */
async function slackServer(answer: (count: number) => SlackAnswer) {
  const requests: { readonly at: number; readonly path: string; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      requests.push({ at: performance.now(), path: request.url ?? "", body });
      const { status, body: text, headers = {} } = answer(requests.length);
      response.writeHead(status, {
        "content-type": text.startsWith("{") ? "application/json" : "text/plain",
        ...headers,
      });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

const OK = { status: 200, body: '{"ok":true,"ts":"12.3","channel":"C1"}' };

const byUrl = (url: string): string => `slack_configs: [{channel: '#c', send_resolved: true, api_url: '${url}/hook'}]`;
const byToken = (url: string): string =>
  `slack_configs: [{channel: '#c', send_resolved: true, update_message: true, app_token: t, app_url: '${url}/api/chat.postMessage'}]`;

test.concurrent.each([
  ["by URL", byUrl],
  ["by token", byToken],
])("Slack %s: 429 with Retry-After is kept to, 500 is tried again", async (_name, receiver) => {
  const limited = { status: 429, body: "{}", headers: { "retry-after": "3" } };
  await using slack = await slackServer((count) =>
    count === 1 ? limited : count === 2 ? { status: 500, body: "oops" } : OK,
  );
  await withManager({ receiver: receiver(slack.url) }, async (manager) => {
    await eventually("the third request is taken", async () => expect(slack.requests).toHaveLength(3));
    expect(slack.requests[1]!.at - slack.requests[0]!.at).toBeGreaterThanOrEqual(2990);
    await eventually("the books are closed", async () => {
      expect(await manager.latest()).toMatchObject({
        outcome: "sent",
        attempts: [
          { outcome: "retry", reason: expect.stringContaining("429") as string },
          { outcome: "retry", reason: expect.stringContaining("unexpected status code 500: oops") as string },
          { outcome: "sent" },
        ],
      });
    });
    expect(await manager.metric("alertmanager_notification_requests_total", SLACK)).toBe(3);
    expect(await manager.metric("alertmanager_notification_requests_failed_total", SLACK)).toBe(2);
    expect(await manager.metric("alertmanager_notifications_total", SLACK)).toBe(1);
    expect(await manager.metric("alertmanager_notifications_failed_total", SLACK)).toBe(0);
  });
});

test.concurrent.each([
  ["by URL", { status: 429, body: "slow down" }, byUrl, "rateLimited"],
  ["by token", { status: 429, body: "slow down" }, byToken, "rateLimited"],
  ["by URL", { status: 403, body: "invalid_token" }, byUrl, "authError"],
  ["by URL", { status: 200, body: "no_service" }, byUrl, "clientError"],
  ["by token", { status: 200, body: '{"ok":false,"error":"channel_not_found"}' }, byToken, "clientError"],
])("Slack %s that answers %j is not asked again before the next tick", async (_name, answer, receiver, reason) => {
  await using slack = await slackServer(() => answer);
  await withManager({ receiver: receiver(slack.url) }, async (manager) => {
    await eventually("the notification has failed", async () =>
      expect(await manager.metric("alertmanager_notifications_failed_total", { ...SLACK, reason })).toBe(1),
    );
    expect(slack.requests).toHaveLength(1);
    expect(await manager.latest()).toMatchObject({ outcome: "failed", attemptCount: 1 });
  });
});

test.concurrent("a message sent with a token is replaced when its group is resolved", async () => {
  await using slack = await slackServer(() => OK);
  await withManager({ receiver: byToken(slack.url) }, async (manager) => {
    await eventually("the message is there", async () => expect(slack.requests).toHaveLength(1));
    await manager.post({ ...ALERT, endsAt: new Date(performance.timeOrigin + performance.now()).toISOString() });
    await eventually("it is replaced", async () => expect(slack.requests).toHaveLength(2));
    expect(slack.requests.map(({ path }) => path)).toEqual(["/api/chat.postMessage", "/api/chat.update"]);
    const form = new URLSearchParams(slack.requests[1]!.body);
    expect([form.get("ts"), form.get("channel")]).toEqual(["12.3", "C1"]);
    expect(form.get("attachments")).toContain("[RESOLVED] Disk");
  });
});
