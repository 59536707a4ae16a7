import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { instant } from "../../../support/query.ts";
import { lacks } from "../../../support/requirements.ts";
import type { Kind } from "../../../support/serving.ts";
import { Workplace } from "../../../support/workplace.ts";
import type { SentAlert } from "../alert-sink.ts";
import { KilledServer } from "./killed-server.ts";

const FOR_S = 15;
/**
 * More evaluations than there are between the kills on a busy machine. An alert that is kept no longer when the server is
 * killed ends at the Alertmanager by its time, without a message.
 */
const KEEP_S = 30;

/** A series of this name makes an alert begin; one with `_over` makes it end. */
const rules = (version: string): string => `groups:
- name: busy
  rules:
  - {alert: Firing, expr: begun unless over, annotations: {version: '${version}'}}
  - {record: busy, expr: 'count(sum_over_time(begun[10m:1s]))'}
  - {alert: FiringFor, expr: begun unless over, for: 2s}
- name: phases
  rules:
  - {alert: Pending, expr: begun unless over, for: ${FOR_S}s}
  - {alert: Kept, expr: begun unless kept_over, keep_firing_for: ${KEEP_S}s}
  - {alert: Resolved, expr: begun unless resolved_over}
`;

/** A group for the rules API. */
const STORED_GROUP = `name: stored
rules:
- {alert: Stored, expr: begun unless over}
`;

/** An alert is resolved if it ends before the time at which it was sent. The later end of a firing alert is 4 s ahead. */
const ends = (alerts: readonly SentAlert[]): readonly SentAlert[] =>
  alerts.filter(({ endsAt }, i) => i > 0 && Date.parse(endsAt) <= Date.parse(alerts[i - 1]!.endsAt));
const isAny = (): boolean => true;

/** Kills a server in each phase of its alerts, and returns what an operator would complain about. */
async function complaints(kind: Kind, workplace: Workplace): Promise<readonly string[]> {
  await using server = await KilledServer.start(kind, workplace, rules("first"));
  await server.begin("begun");
  // Kill 1: alerts are pending, firing, kept, and resolved but sent again.
  for (const name of ["Firing", "FiringFor", "Kept", "Resolved"]) await server.receives(name, isAny);
  await server.begin("kept_over");
  await server.begin("resolved_over");
  await eventually("the end is sent again", async () => expect(ends(server.of("Resolved")).length).toBeGreaterThan(1));
  await eventually("the alert is kept", async () =>
    expect(await instant(server.base, 'ALERTS{alertname="Kept"} and on () kept_over')).toHaveLength(1),
  );
  await restarted(server, () => server.kill());
  // Kill 2: the group has sent its first alert, and evaluates its next rule.
  await restarted(server, async () => {
    const from = server.sink.alerts.length;
    await new Promise<void>((resolve) => {
      server.sink.onArrival = (alerts) => {
        if (server.sink.alerts.length > from && alerts.some(({ labels }) => labels["alertname"] === "Firing")) {
          server.kill();
          server.sink.onArrival = () => undefined;
          resolve();
        }
      };
    });
  });
  // Kill 3: the server reads changed rules.
  server.writeRules(rules("second"));
  await restarted(server, () => killedDuring(server, "/-/reload", ""));
  await server.receives("Firing", ({ annotations }) => annotations["version"] === "second");
  // Kill 4: the server stores a rule group.
  if (kind === "narthex") {
    await restarted(server, () => killedDuring(server, "/config/v1/rules/space", STORED_GROUP));
    expect(readdirSync(workplace.path("stored")).filter((name) => /new|tmp|draft/.test(name))).toEqual([]);
  }
  await server.receives("Pending", isAny);
  const stored = await server.pendingSamples("Pending");
  // The original forgets an alert that it kept.
  if (kind === "narthex")
    await eventually("the alert is kept no longer", async () => expect(ends(server.of("Kept"))).not.toHaveLength(0));
  await server.begin("over");
  for (const name of ["Firing", "FiringFor", "Pending"]) {
    await eventually(`${name} is resolved`, async () => expect(ends(server.of(name))).not.toHaveLength(0));
  }
  const found: string[] = [];
  for (const name of ["Firing", "FiringFor", "Pending", "Kept", "Resolved"]) {
    const alerts = server.of(name);
    const starts = new Set(alerts.map(({ startsAt }) => startsAt));
    if (starts.size > 1) found.push(`${name} fires again`);
    const end = ends(alerts)[0];
    if (end === undefined) found.push(`${name} is forgotten`);
    else if (alerts.slice(alerts.indexOf(end)).some(({ endsAt }) => endsAt !== end.endsAt))
      found.push(`${name} fires after its end`);
  }
  if (stored > FOR_S + 1 + server.restarts) found.push("the time of for begins again");
  return found;
}

/** Ends a server by `end`, starts it again, and waits until its alerts are sent again. */
async function restarted(server: KilledServer, end: () => void | Promise<void>): Promise<void> {
  await end();
  const from = server.sink.alerts.length;
  await server.restart();
  for (const name of ["Firing", "FiringFor"]) await server.receives(name, isAny, from);
}

/** Sends a request, and kills the server when the request has been written. */
async function killedDuring(server: KilledServer, path: string, body: string): Promise<void> {
  const answer = fetch(server.base + path, { method: "POST", body }).catch(() => undefined);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  server.kill();
  await answer;
}

test.skipIf(lacks("peers"))(
  "alerts survive kills while they are pending, firing, kept and resolved, during evaluations, reloads and writes",
  async () => {
    using workplace = new Workplace();
    const [ours, theirs] = await Promise.all([complaints("narthex", workplace), complaints("prometheus", workplace)]);
    expect(ours).toEqual([]);
    // The original sends alerts with a new start. This shows that the kills were noticed.
    expect(theirs).toContain("Firing fires again");
  },
);
