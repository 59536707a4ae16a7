import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { narthex } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";
import { onLoopback } from "../support/loopback.ts";

interface Received {
  readonly mails: string[];
  readonly slack: { readonly path: string; readonly authorization: string | undefined; readonly body: string }[];
  readonly webhook: {
    readonly status: string;
    readonly alerts: readonly { status: string; labels: Record<string, string> }[];
  }[];
}

test("a rule fires and resolves: mail, Slack by bot token, Slack by webhook URL and a webhook are notified of both", async () => {
  using workplace = new Workplace();
  const received: Received = { mails: [], slack: [], webhook: [] };
  await using smtp = await mailbox(received);
  await using http = await listener(received);
  const [serverPort, managerPort, targetPort] = await Promise.all([freePort(), freePort(), freePort()]);
  let temperature = 95;
  await using _target = await serve(targetPort, (_request, respond) =>
    respond(`cpu_usage{core="0"} ${temperature}\n`, "text/plain; version=0.0.4"),
  );
  workplace.write("rules/cpu.yml", RULES);
  workplace.write("prometheus.yml", prometheusYml(targetPort, managerPort));
  workplace.write("alertmanager.yml", alertmanagerYml(smtp.port, http.port));
  await using manager = narthex([
    "alertmanager",
    `--config.file=${workplace.path("alertmanager.yml")}`,
    `--storage.path=${workplace.path("am")}`,
    `--web.listen-address=127.0.0.1:${managerPort}`,
    "--cluster.listen-address=",
  ]);
  await manager.ready(`http://127.0.0.1:${managerPort}/-/ready`);
  await using server = narthex([
    "server",
    `--config.file=${workplace.path("prometheus.yml")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${serverPort}`,
  ]);
  await server.ready(`http://127.0.0.1:${serverPort}/-/ready`);

  await eventually("all four are notified of the firing", async () => {
    expect(
      received.mails.some((mail) => /Subject: \[FIRING:1\] HighCpu/.test(mail) && mail.includes("CPU at 95 %")),
    ).toBe(true);
    expect(
      received.slack.some(
        ({ path, body }) => path === "/hook" && body.includes("[FIRING:1] HighCpu") && body.includes("#ops"),
      ),
    ).toBe(true);
    expect(
      received.slack.some(
        ({ path, authorization }) => path.endsWith("/chat.postMessage") && authorization === "Bearer xoxb-test",
      ),
    ).toBe(true);
    expect(
      received.webhook.some(({ status, alerts }) => status === "firing" && alerts[0]!.labels["cluster"] === "lab"),
    ).toBe(true);
  });
  const groups = (await (await fetch(`http://127.0.0.1:${managerPort}/api/v2/alerts/groups`)).json()) as readonly {
    labels: Record<string, string>;
    alerts: unknown[];
  }[];
  expect(
    groups.filter(({ labels }) => labels["alertname"] === "HighCpu").every(({ alerts }) => alerts.length === 1),
  ).toBe(true);

  temperature = 20;
  await eventually("all four are notified of the end", async () => {
    expect(received.mails.some((mail) => /Subject: \[RESOLVED\] HighCpu/.test(mail))).toBe(true);
    expect(received.slack.some(({ path, body }) => path === "/hook" && body.includes("[RESOLVED] HighCpu"))).toBe(true);
    expect(
      received.slack.some(
        ({ path, body }) =>
          /chat\.(postMessage|update)$/.test(path) &&
          decodeURIComponent(body.replaceAll("+", " ")).includes("[RESOLVED] HighCpu"),
      ),
    ).toBe(true);
    expect(received.webhook.some(({ status }) => status === "resolved")).toBe(true);
  });
});

const RULES = `groups:
  - name: cpu
    interval: 1s
    rules:
      - alert: HighCpu
        expr: cpu_usage > 80
        for: 1s
        labels: {severity: critical}
        annotations:
          summary: 'CPU at {{ $value }} % on core {{ $labels.core }}'
`;

const prometheusYml = (target: number, manager: number): string => `global:
  scrape_interval: 1s
  evaluation_interval: 1s
  external_labels: {cluster: lab}
rule_files: [rules/*.yml]
alerting:
  alertmanagers:
    - static_configs: [{targets: ['127.0.0.1:${manager}']}]
scrape_configs:
  - job_name: backend
    static_configs: [{targets: ['127.0.0.1:${target}']}]
`;

const alertmanagerYml = (smtp: number, http: number): string => `global:
  smtp_smarthost: 127.0.0.1:${smtp}
  smtp_from: narthex@example.org
  smtp_require_tls: false
  resolve_timeout: 5s
route:
  receiver: everyone
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
receivers:
  - name: everyone
    email_configs:
      - to: ops@example.org
        send_resolved: true
    slack_configs:
      - api_url: http://127.0.0.1:${http}/hook
        channel: '#ops'
        send_resolved: true
      - app_token: xoxb-test
        app_url: http://127.0.0.1:${http}/api/chat.postMessage
        channel: '#ops'
        send_resolved: true
    webhook_configs:
      - url: http://127.0.0.1:${http}/webhook
        send_resolved: true
`;

async function mailbox(received: Received): Promise<AsyncDisposable & { port: number }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      let mail = "";
      stream.setEncoding("utf8").on("data", (text: string) => (mail += text));
      stream.on("end", () => {
        received.mails.push(mail.replaceAll("=\r\n", ""));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Starts a fake of Slack (both of its APIs) and of a webhook receiver. */
async function listener(received: Received): Promise<AsyncDisposable & { port: number }> {
  return serve(0, (request, respond) => {
    if (request.path === "/webhook") {
      received.webhook.push(JSON.parse(request.body) as Received["webhook"][number]);
      respond("", "text/plain");
      return;
    }
    received.slack.push(request);
    if (request.path === "/hook") respond("ok", "text/plain");
    else respond(JSON.stringify({ ok: true, channel: "C1", ts: "1.1" }), "application/json");
  });
}

type Answer = (
  request: { readonly path: string; readonly authorization: string | undefined; readonly body: string },
  respond: (body: string, type: string) => void,
) => void;

async function serve(port: number, answer: Answer): Promise<AsyncDisposable & { port: number }> {
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () =>
      answer({ path: request.url!, authorization: request.headers.authorization, body }, (text, type) => {
        response.writeHead(200, { "content-type": type });
        response.end(text);
      }),
    );
  });
  return onLoopback(server, port);
}
