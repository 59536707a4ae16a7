import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { lacks, peers } from "../support/requirements.ts";
import { narthex, Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";
import { onLoopback } from "../support/loopback.ts";

/** Body of a webhook notification that our Alertmanager sends. */
interface ReceivedNotification {
  readonly status: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly generatorURL: string;
  }[];
}

const SENDERS = ["prometheus", "vmalert"] as const;

test.skipIf(lacks("peers") || !existsSync(join(peers, "vmalert")))(
  "receivers are notified when alerts of Prometheus and of vmalert fire and when they are resolved",
  async () => {
    using workplace = new Workplace();
    let load = 95;
    const notifications: ReceivedNotification[] = [];
    await using target = await listen((_, respond) => respond(`cpu_load{core="0"} ${load}\n`));
    await using webhook = await listen((body, respond) => {
      notifications.push(JSON.parse(body) as ReceivedNotification);
      respond("");
    });
    const [managerPort, prometheusPort, vmalertPort] = await Promise.all([freePort(), freePort(), freePort()]);
    const at = (port: number): string => `http://127.0.0.1:${port}`;
    await using manager = narthex([
      "alertmanager",
      `--config.file=${workplace.write("alertmanager.yml", alertmanagerYml(webhook.port))}`,
      `--storage.path=${workplace.path("manager")}`,
      `--web.listen-address=127.0.0.1:${managerPort}`,
      "--cluster.listen-address=",
    ]);
    await manager.ready(`${at(managerPort)}/-/ready`);
    const rules = workplace.write("rules.yml", RULES);
    await using prometheus = new Running(join(peers, "prometheus"), [
      `--config.file=${workplace.write("prometheus.yml", prometheusYml(target.port, managerPort, rules))}`,
      `--storage.tsdb.path=${workplace.path("prometheus")}`,
      "--rules.alert.resend-delay=1s",
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
    ]);
    await prometheus.ready(`${at(prometheusPort)}/-/ready`);
    await using vmalert = new Running(join(peers, "vmalert"), [
      `-datasource.url=${at(prometheusPort)}`,
      `-notifier.url=${at(managerPort)}`,
      `-rule=${rules}`,
      "-evaluationInterval=1s",
      // Makes vmalert evaluate rules for the current time. By default, vmalert evaluates them for the time 30 s ago.
      "-rule.evalDelay=0s",
      "-external.label=sender=vmalert",
      `-httpListenAddr=127.0.0.1:${vmalertPort}`,
    ]);
    await vmalert.ready(`${at(vmalertPort)}/health`);

    const lastOf = (sender: string): ReceivedNotification | undefined =>
      notifications.findLast(({ groupLabels }) => groupLabels["sender"] === sender);
    for (const sender of SENDERS) {
      const firing = await eventually(`${sender}'s alert is notified`, async () => {
        const last = lastOf(sender);
        if (last === undefined) throw new Error("there is no notification");
        return last;
      });
      expect(firing.status).toBe("firing");
      expect(firing.alerts.map(({ labels, annotations }) => [labels, annotations])).toEqual([
        [
          {
            alertname: "HighLoad",
            core: "0",
            instance: "core",
            job: "cpu",
            sender,
            severity: "page",
            ...groupOf(sender),
          },
          { summary: "core 0 is at 95" },
        ],
      ]);
      expect(firing.alerts[0]!.generatorURL).toMatch(/^http:\/\//);
    }
    load = 10;
    for (const sender of SENDERS) {
      await eventually(`the end of ${sender}'s alert is notified`, async () =>
        expect(lastOf(sender)?.status).toBe("resolved"),
      );
      expect(
        notifications.filter(({ groupLabels }) => groupLabels["sender"] === sender).map(({ status }) => status),
      ).toEqual(["firing", "resolved"]);
    }
  },
);

/** Returns the extra label that a sender adds to its alerts: vmalert adds the name of the rule's group. */
const groupOf = (sender: string): Record<string, string> => (sender === "vmalert" ? { alertgroup: "cpu" } : {});

const RULES = `groups:
  - name: cpu
    interval: 1s
    rules:
      - alert: HighLoad
        expr: cpu_load > 80
        for: 1s
        labels: {severity: page}
        annotations: {summary: 'core {{ $labels.core }} is at {{ $value }}'}
`;

const alertmanagerYml = (webhook: number): string => `route:
  receiver: hook
  group_by: [alertname, sender]
  group_wait: 1s
  group_interval: 1s
receivers:
  - name: hook
    webhook_configs: [{url: 'http://127.0.0.1:${webhook}/'}]
`;

const prometheusYml = (target: number, manager: number, rules: string): string => `global:
  scrape_interval: 1s
  evaluation_interval: 1s
  external_labels: {sender: prometheus}
rule_files: ['${rules}']
alerting:
  alertmanagers: [{static_configs: [{targets: ['127.0.0.1:${manager}']}]}]
scrape_configs:
  - job_name: cpu
    static_configs: [{targets: ['127.0.0.1:${target}'], labels: {instance: core}}]
`;

async function listen(
  answer: (body: string, respond: (text: string) => void) => void,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () =>
      answer(body, (text) => {
        response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
        response.end(text);
      }),
    );
  });
  return onLoopback(server);
}
