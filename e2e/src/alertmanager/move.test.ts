import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { WIRE_LENGTH, WireReader } from "@narthex/bytes";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { NotificationSink } from "../support/notification-sink.ts";
import { lacks, peers } from "../support/requirements.ts";
import { launcher, Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const STARTS_AT = new Date(Date.now() - 3_600_000).toISOString();

const configFor = (url: string): string => `route:
  receiver: hook
  group_by: [alertname]
  group_wait: 300ms
  group_interval: 500ms
  repeat_interval: 1h
  routes:
    - matchers: [severity="page"]
      group_by: ['...']
receivers:
  - name: hook
    webhook_configs: [{url: '${url}', send_resolved: true}]
`;

const ALERTS: readonly Readonly<Record<string, string>>[] = [
  { alertname: "Told" },
  { alertname: "Told", instance: "ünï:9100", empty: " ", quote: '"' },
  { alertname: "Paged", severity: "page", instance: "a" },
  { alertname: "Silenced" },
];

/** Splits a file into its protobuf messages. The length of each message precedes it. */
function messagesOf(file: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (const reader = new WireReader(file); reader.at < file.length;) {
    const end = reader.range();
    messages.push(file.subarray(reader.start, end));
  }
  return messages;
}

/** Returns the bytes of a length-delimited protobuf field. Returns no bytes if the field is absent. */
function fieldOf(message: Uint8Array, number: number): Uint8Array {
  const reader = new WireReader(message);
  for (let tag = reader.tag(""); tag !== 0; tag = reader.tag("")) {
    if (tag !== number * 8 + WIRE_LENGTH) reader.skip(tag);
    else {
      const end = reader.range();
      return message.subarray(reader.start, end);
    }
  }
  return new Uint8Array();
}

/** Returns the number of firing alerts in each entry of an Alertmanager's notification log, ascending. */
const firingAlerts = (nflog: Uint8Array): number[] =>
  messagesOf(nflog)
    .map((message) => fieldOf(fieldOf(message, 1), 6).filter((byte) => byte < 0x80).length)
    .sort();

test.skipIf(lacks("peers"))(
  "with the folder of an Alertmanager ours continues: silences apply, no message is repeated, resolutions are sent once",
  async () => {
    using workplace = new Workplace();
    await using sink = await NotificationSink.open();
    workplace.write("am.yml", configFor(sink.url));
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const start = async (command: string, ...first: string[]): Promise<Running> => {
      const args = [
        `--config.file=${workplace.path("am.yml")}`,
        `--storage.path=${workplace.path("data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--cluster.listen-address=",
      ];
      const running = new Running(command, [...first, ...args]);
      await running.ready(`${base}/-/ready`);
      return running;
    };
    const post = async (path: string, body: unknown): Promise<unknown> => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(base + path, { method: "POST", headers, body: JSON.stringify(body) });
      const text = await answer.text();
      expect([answer.status, text]).toEqual([200, text]);
      return text === "" ? undefined : JSON.parse(text);
    };
    const report = (alerts: typeof ALERTS, firingMs: number): Promise<unknown> =>
      post(
        "/api/v2/alerts",
        alerts.map((labels) => ({
          labels,
          startsAt: STARTS_AT,
          endsAt: new Date(Date.now() + firingMs).toISOString(),
        })),
      );

    const theirs = await start(join(peers, "prometheus-alertmanager"), "--data.maintenance-interval=100ms");
    const silence = {
      matchers: [{ name: "alertname", value: "Sil.*", isRegex: true, isEqual: true }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: "me",
      comment: "moving <house>",
    };
    const { silenceID } = (await post("/api/v2/silences", silence)) as { silenceID: string };
    const imported = await (await fetch(`${base}/api/v2/silence/${silenceID}`)).json();
    await report(ALERTS, 600_000);
    // Waits until the original Alertmanager has notified about both alerts, because it may send the first alert alone.
    await eventually("the original notifies", async () =>
      expect(["Told", "Paged"].map((name) => sink.delivered(name).at(-1)?.alerts.length)).toEqual([2, 1]),
    );
    const files = ["silences", "nflog"].map((name) => workplace.path("data", name));
    // Waits for the original Alertmanager's notification log, because a notification is recorded after it was sent.
    await eventually("the original records both notifications", async () =>
      expect(firingAlerts(readFileSync(files[1]!))).toEqual([1, 2]),
    );
    await theirs[Symbol.asyncDispose]();
    expect(files.map((file) => existsSync(file))).toEqual([true, true]);
    const written = files.map((file) => readFileSync(file));

    const before = sink.messages.length;
    await using ours = await start(launcher, "alertmanager");
    await ours.printed(/Imported silences and notification log.*silences=1 notifications=2 expired=0/);
    expect(await (await fetch(`${base}/api/v2/silence/${silenceID}`)).json()).toEqual(imported);
    await report(ALERTS, 600_000);
    await pause(2000);
    expect(sink.messages.length).toBe(before);
    await report(ALERTS, 0);
    await eventually("the ends are notified", async () => expect(sink.delivered().length).toBe(before + 2));
    await pause(1500);
    const ends = sink.messages.slice(before).map(({ status, alerts }) => `${status} ${alerts.length}`);
    expect(ends.sort()).toEqual(["resolved 1", "resolved 2"]);
    expect(files.map((file) => readFileSync(file))).toEqual(written);
  },
);
