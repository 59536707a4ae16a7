import { setTimeout as pause } from "node:timers/promises";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { ALERT_STATES, type AlertState, type PostedAlert, randomStates } from "./alert-states.ts";
import { CHAT_ROWS } from "./chat-rows.ts";
import type { SeenRequest } from "./fake-service.ts";
import { ON_CALL_ROWS } from "./on-call-rows.ts";
import type { ReceiverRow } from "./receiver-row.ts";
import { receiverName, Side } from "./side.ts";
import { SLACK_ROWS } from "./slack-rows.ts";
import { lacks } from "../../support/requirements.ts";
import { Authority } from "../../support/certificates.ts";
import { Workplace } from "../../support/workplace.ts";

const ROWS: readonly ReceiverRow[] = [...ON_CALL_ROWS, ...CHAT_ROWS, ...SLACK_ROWS];

/**
 * Header fields that the test does not compare, because the HTTP client sets them for the connection or for
 * compression.
 */
const OWN_HEADERS: readonly string[] = ["accept-encoding", "connection", "content-length", "host", "transfer-encoding"];

const OF_OURS = " of ours";
/**
 * Number of times that a state of alerts is posted if the numbers of requests differ. They differ if one Alertmanager
 * has flushed a group between two alerts of one post, which happens on a busy machine.
 */
const ATTEMPTS = 6;
const RANDOM_STATES = 2;
const AHEAD_MS = 2000;
const QUIET_MS = 600;
const PATIENCE_MS = 25_000;
const POLL_MS = 50;

test.skipIf(lacks("peers"))(
  "every kind of receiver sends Alertmanager's requests, and shows its settings as Alertmanager does",
  async () => {
    using workplace = new Workplace();
    const pair = new Authority(workplace.folder, "services").issue({ name: "services" });
    await using ours = await Side.start("narthex", ROWS, { workplace, pair });
    await using theirs = await Side.start("peer", ROWS, { workplace, pair });
    const differences = lineDifferences("status", await theirs.shownConfig(), await ours.shownConfig());
    const seed = testSeed();
    for (const state of [...ALERT_STATES, ...randomStates(new Random(seed), RANDOM_STATES)]) {
      differences.push(...(await compareState(state, [ours, theirs])));
    }
    expect(differences, `seed ${seed}`).toEqual([]);
  },
);

/**
 * Posts alerts to the original Alertmanager and ours, and compares the notifications. Posts the alerts again if a group
 * was flushed before all alerts had arrived.
 */
async function compareState(state: AlertState, [ours, theirs]: readonly [Side, Side]): Promise<string[]> {
  let differences: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    differences = [];
    for (const { stage, alerts } of stagesOf(state)) {
      await Promise.all([ours.post(alerts), theirs.post(alerts)]);
      await quiet(ours, theirs);
      const [mine, peers] = [ours.take(), theirs.take()];
      for (const [i, row] of ROWS.entries()) {
        differences.push(...compare(`${receiverName(row)}, ${state.name} ${stage}`, row, peers[i]!, mine[i]!));
      }
    }
    if (!differences.some((difference) => difference.endsWith(OF_OURS))) break;
  }
  return differences;
}

/**
 * Returns the POST requests of a test. In the first one all alerts fire, and in each later one some alerts end. Alerts
 * have recent start times, because Alertmanager notifies at once about alerts older than group_wait.
 */
function stagesOf({ alerts, resolves }: AlertState): readonly { stage: string; alerts: readonly PostedAlert[] }[] {
  const start = Date.now() + AHEAD_MS;
  const startsAt = new Date(start).toISOString();
  const fire = alerts.map((alert) => ({ ...alert, startsAt, endsAt: new Date(start + 600_000).toISOString() }));
  const ends = resolves.map((which) => ({
    stage: `resolves ${which.join(" ")}`,
    alerts: which.map((i) => ({ ...alerts[i]!, startsAt, endsAt: new Date(start + 1).toISOString() })),
  }));
  return [{ stage: "fires", alerts: fire }, ...ends];
}

/** Waits until both Alertmanagers have sent the same number of notifications and no more notifications arrive. */
async function quiet(ours: Side, theirs: Side): Promise<void> {
  const began = performance.now();
  let since = began;
  let last = "";
  for (;;) {
    await pause(POLL_MS);
    const [mine, peers] = [ours.counts.join(), theirs.counts.join()];
    const now = performance.now();
    if (last !== mine + peers) [last, since] = [mine + peers, now];
    if (now - began > PATIENCE_MS && now - since > QUIET_MS) return;
    if (mine === peers && ours.counts.some((count) => count > 0) && now - since > QUIET_MS) return;
  }
}

function compare(
  what: string,
  { reviewed = [] }: ReceiverRow,
  theirs: readonly SeenRequest[],
  ours: readonly SeenRequest[],
): string[] {
  if (theirs.length === 0 && ours.length === 0 && what.endsWith("fires")) return [`${what}: no requests at all`];
  if (theirs.length !== ours.length) return [`${what}: ${theirs.length} requests of theirs, ${ours.length}${OF_OURS}`];
  const level = (request: SeenRequest): SeenRequest => reviewed.reduce((one, review) => review.level(one), request);
  return theirs.flatMap((request, i) => requestDifferences(`${what}, request ${i}`, level(request), level(ours[i]!)));
}

function requestDifferences(what: string, theirs: SeenRequest, ours: SeenRequest): string[] {
  const shown = (request: SeenRequest): string =>
    [`${request.method} ${request.origin}${request.path}`, ...headerLines(request), request.body].join("\n");
  return lineDifferences(what, shown(theirs), shown(ours));
}

const headerLines = ({ headers }: SeenRequest): readonly string[] =>
  Object.entries(headers)
    .filter(([name]) => !OWN_HEADERS.includes(name))
    .map(([name, value]) => `${name}: ${name === "user-agent" ? value.replace(/\/[\d.]+$/, "/x") : value}`)
    .sort();

const CONTEXT = 120;

/**
 * Compares two texts line by line. Returns the differing lines; a long line is shortened to the text around its first
 * difference.
 */
function lineDifferences(what: string, theirs: string, ours: string): string[] {
  if (theirs === ours) return [];
  const [left, right] = [theirs.split("\n"), ours.split("\n")];
  const at = left.findIndex((line, i) => line !== right[i]);
  const line = at < 0 ? left.length : at;
  const [a, b] = [left[line] ?? "(end)", right[line] ?? "(end)"];
  let first = 0;
  while (first < a.length && a[first] === b[first]) first++;
  const from = Math.max(0, first - CONTEXT);
  return [`${what}, line ${line + 1}:\n  - ${a.slice(from, first + CONTEXT)}\n  + ${b.slice(from, first + CONTEXT)}`];
}
