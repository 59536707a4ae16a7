import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { NotificationSink } from "../../support/notification-sink.ts";
import { PostgresServer } from "../../support/postgres-server.ts";
import { lacks } from "../../support/requirements.ts";
import { narthex, type Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

const configFor = (url: string): string => `route: {receiver: hook, group_wait: 100ms, group_interval: 500ms}
receivers:
  - name: hook
    webhook_configs: [{url: '${url}'}]
`;

interface Rule {
  readonly id: string;
  readonly next: readonly { readonly silenceID: string }[];
}

test.skipIf(lacks("postgres"))(
  "instances of one database share recurring silences, and each shows the other's notifications",
  async () => {
    using workplace = new Workplace();
    await using database = await PostgresServer.start();
    await using sink = await NotificationSink.open();
    workplace.write("am.yml", configFor(sink.url));
    const url = await database.database("alerts");
    const start = async (name: string): Promise<{ readonly running: Running; readonly base: string }> => {
      const base = `http://127.0.0.1:${await freePort()}`;
      const running = narthex([
        "alertmanager",
        `--config.file=${workplace.path("am.yml")}`,
        `--storage.path=${workplace.path(name)}`,
        `--web.listen-address=${new URL(base).host}`,
        `--store.url=${url}`,
        "--cluster.listen-address=",
      ]);
      await running.ready(`${base}/-/ready`);
      return { running, base };
    };
    const [one, other] = [await start("one"), await start("other")];
    await using _one = one.running;
    await using _other = other.running;
    const post = async (path: string, body: unknown): Promise<string> => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(one.base + path, { method: "POST", headers, body: JSON.stringify(body) });
      const text = await answer.text();
      expect([answer.status, text]).toEqual([200, text]);
      return text;
    };
    const ofOther = async (path: string): Promise<unknown> => (await fetch(other.base + path)).json();

    // Hour (UTC) half a day from now, so that the recurring silence is pending during the test.
    const hour = String((new Date().getUTCHours() + 12) % 24).padStart(2, "0");
    const rule = JSON.parse(
      await post("/api/v2/narthex/recurring-silences", {
        matchers: [{ name: "team", value: "db" }],
        timeIntervals: [{ times: [{ start_time: `${hour}:00`, end_time: `${hour}:30` }], location: "UTC" }],
        createdBy: "me",
        comment: "nightly",
      }),
    ) as Rule;
    await eventually("the other has rule and silence", async () => {
      expect(await ofOther("/api/v2/narthex/recurring-silences")).toMatchObject([{ id: rule.id }]);
      expect(await ofOther("/api/v2/silences")).toMatchObject([{ id: rule.next[0]!.silenceID, comment: "nightly" }]);
    });

    await post("/api/v2/alerts", [{ labels: { alertname: "Shared" } }]);
    await eventually("the other shows the notification of the first", async () =>
      expect(await ofOther("/api/v2/narthex/notifications")).toMatchObject([
        { outcome: "sent", reason: "first notification", receiver: { name: "hook" } },
      ]),
    );

    const ended = await fetch(`${other.base}/api/v2/narthex/recurring-silences/${rule.id}`, { method: "DELETE" });
    expect(ended.status).toBe(200);
    await eventually("the rule is gone, its silence expired", async () => {
      const rules = await (await fetch(`${one.base}/api/v2/narthex/recurring-silences`)).json();
      expect(rules).toEqual([]);
      const silences = await (await fetch(`${one.base}/api/v2/silences`)).json();
      expect(silences).toMatchObject([{ status: { state: "expired" } }]);
    });
  },
);
