import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { NotificationSink } from "../../support/notification-sink.ts";
import { freePort } from "../../support/ports.ts";
import { PostgresServer } from "../../support/postgres-server.ts";
import { lacks } from "../../support/requirements.ts";
import { narthex, type Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

interface ListedAlert {
  readonly fingerprint: string;
  readonly acknowledgement?: { readonly createdBy: string; readonly comment: string };
}

const json = { "content-type": "application/json" };

/** An Alertmanager under test that can be killed and restarted with the same storage folder. */
class Manager implements AsyncDisposable {
  readonly base: string;
  readonly #args: readonly string[];
  #running: Running | undefined;

  constructor(workplace: Workplace, name: string, { port, flags }: { port: number; flags: readonly string[] }) {
    this.base = `http://127.0.0.1:${port}`;
    this.#args = [
      "alertmanager",
      `--config.file=${workplace.path("am.yml")}`,
      `--storage.path=${workplace.path(name)}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...flags,
    ];
  }

  async start(): Promise<this> {
    this.#running = narthex(this.#args);
    await this.#running.ready(`${this.base}/-/ready`);
    return this;
  }

  async kill(): Promise<void> {
    this.#running!.kill("SIGKILL");
    await this.#running!.ended;
  }

  /** Posts the alert as firing or resolved. All posts of the firing alert have the same start time. */
  async report(kind: "fires" | "ended", startsAt: string): Promise<void> {
    const endsAt = new Date(Date.now() + (kind === "fires" ? 600_000 : 0)).toISOString();
    const body = JSON.stringify([{ labels: { alertname: "DiskFull" }, startsAt, endsAt }]);
    const answer = await fetch(`${this.base}/api/v2/alerts`, { method: "POST", headers: json, body });
    if (answer.status !== 200) throw new Error(`the report was answered with status ${answer.status}`);
  }

  async alerts(query = "?narthex_acknowledgements=true"): Promise<readonly ListedAlert[]> {
    return (await (await fetch(`${this.base}/api/v2/alerts${query}`)).json()) as readonly ListedAlert[];
  }

  /** Acknowledges the alert in the name of a person. Resolves with the HTTP status of the response. */
  async acknowledge(createdBy: string, comment = "on it"): Promise<number> {
    const body = JSON.stringify({ createdBy, comment });
    return (await fetch(await this.#acknowledgementUrl(), { method: "POST", headers: json, body })).status;
  }

  async withdraw(): Promise<number> {
    return (await fetch(await this.#acknowledgementUrl(), { method: "DELETE" })).status;
  }

  async #acknowledgementUrl(): Promise<string> {
    const [alert] = await this.alerts();
    return `${this.base}/api/v2/narthex/alerts/${alert!.fingerprint}/acknowledgement`;
  }

  /** Returns the name of the person who has acknowledged the alert. Undefined if no one has. */
  async acknowledgedBy(): Promise<string | undefined> {
    const [alert] = await this.alerts();
    if (alert === undefined) throw new Error("the alert is not listed");
    return alert.acknowledgement?.createdBy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
  }
}

const configFor = (plain: string, extended: string): string =>
  `route: {receiver: hook, group_wait: 100ms, group_interval: 300ms, repeat_interval: 500ms}
receivers:
  - name: hook
    webhook_configs: [{url: '${plain}'}, {url: '${extended}', narthex_acknowledgements: true}]
`;

test("an acknowledgement survives a kill right after its answer, and so does its end", async () => {
  using workplace = new Workplace();
  workplace.write("am.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n");
  const port = await freePort();
  await using manager = await new Manager(workplace, "data", { port, flags: ["--cluster.listen-address="] }).start();
  const startsAt = new Date().toISOString();
  await manager.report("fires", startsAt);
  expect(await manager.acknowledge("ann")).toBe(200);
  await manager.kill();
  await manager.start();
  expect(await manager.acknowledgedBy()).toBe("ann");
  expect(await manager.alerts("")).toEqual([
    expect.not.objectContaining({ acknowledgement: expect.anything() as unknown }),
  ]);

  await manager.report("ended", startsAt);
  await manager.kill();
  await manager.start();
  await manager.report("fires", startsAt);
  expect(await manager.acknowledgedBy()).toBeUndefined();

  expect(await manager.acknowledge("ann")).toBe(200);
  expect(await manager.withdraw()).toBe(200);
  await manager.kill();
  await manager.start();
  expect(await manager.acknowledgedBy()).toBeUndefined();
});

test("notifications of an acknowledged alert are repeated, and only the webhook that asks for it gets the acknowledgement", async () => {
  using workplace = new Workplace();
  await using plain = await NotificationSink.open();
  await using extended = await NotificationSink.open();
  workplace.write("am.yml", configFor(plain.url, extended.url));
  const port = await freePort();
  await using manager = await new Manager(workplace, "data", { port, flags: ["--cluster.listen-address="] }).start();
  await manager.report("fires", new Date().toISOString());
  expect(await manager.acknowledge("ann", "the disk is being replaced")).toBe(200);
  const count = plain.delivered().length;
  await eventually("both webhooks get repeated messages after the acknowledgement", async () => {
    const members = extended.delivered().map(({ alerts: [alert] }) => Object.keys(alert!));
    expect(members.filter((names) => names.includes("acknowledgement")).length).toBeGreaterThan(1);
    expect(plain.delivered().length).toBeGreaterThan(count + 1);
  });
  for (const message of plain.delivered()) expect(message.alerts[0]).not.toHaveProperty("acknowledgement");
});

async function expectShared(one: Manager, other: Manager): Promise<void> {
  const startsAt = new Date().toISOString();
  const both = (kind: "ended" | "fires"): Promise<unknown> =>
    Promise.all([one, other].map((each) => each.report(kind, startsAt)));
  const untilBoth = (by: string | undefined): Promise<void> =>
    eventually(`both show ${by ?? "no acknowledgement"}`, async () => {
      for (const each of [one, other]) expect(await each.acknowledgedBy()).toBe(by);
    });
  await both("fires");
  expect(await one.acknowledge("ann")).toBe(200);
  await untilBoth("ann");
  expect(await other.acknowledge("bob")).toBe(409);
  await other.kill();
  expect(await one.withdraw()).toBe(200);
  await other.start();
  await untilBoth(undefined);
  expect(await other.acknowledge("bob")).toBe(200);
  await untilBoth("bob");
  await both("ended");
  await both("fires");
  await untilBoth(undefined);
}

test("instances of a cluster share acknowledgements, also after one was killed", async () => {
  using workplace = new Workplace();
  workplace.write("am.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n");
  const ports = await Promise.all([1, 2, 3, 4].map(() => freePort()));
  const managerAt = (i: 0 | 1): Manager =>
    new Manager(workplace, `data-${i}`, {
      port: ports[i]!,
      flags: [
        `--cluster.listen-address=127.0.0.1:${ports[2 + i]}`,
        `--cluster.peer=127.0.0.1:${ports[3 - i]}`,
        "--cluster.reconnect-interval=500ms",
        "--cluster.gossip-interval=50ms",
      ],
    });
  await using one = await managerAt(0).start();
  await using other = await managerAt(1).start();
  await expectShared(one, other);
});

test.skipIf(lacks("postgres"))(
  "instances of one database share acknowledgements, also after one was killed",
  async () => {
    using workplace = new Workplace();
    await using database = await PostgresServer.start();
    workplace.write("am.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n");
    const flags = [`--store.url=${await database.database("alerts")}`, "--cluster.listen-address="];
    const managerNamed = async (name: string): Promise<Manager> =>
      new Manager(workplace, name, { port: await freePort(), flags }).start();
    await using one = await managerNamed("one");
    await using other = await managerNamed("other");
    await expectShared(one, other);
  },
);
