import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { CHAT_ROWS } from "./chat-rows.ts";
import { ON_CALL_ROWS } from "./on-call-rows.ts";
import { json, type ReceiverRow } from "./receiver-row.ts";
import { receiverName, Side } from "./side.ts";
import { SLACK_ROWS } from "./slack-rows.ts";
import { STEP_ROWS } from "./step-rows.ts";
import { lacks } from "../../support/requirements.ts";
import { Authority } from "../../support/certificates.ts";
import { Workplace } from "../../support/workplace.ts";

const STATUSES = [302, 400, 401, 403, 404, 429, 500, 503];

/**
 * Test cases for failing receivers: the first row of each kind of receiver, and the rows "v1", which fail differently.
 */
const KINDS: readonly ReceiverRow[] = [...ON_CALL_ROWS, ...CHAT_ROWS, ...SLACK_ROWS].filter(
  (row, i, all) => row.title === "v1" || all.findIndex(({ kind }) => kind === row.kind) === i,
);

const FAULT = { message: "m", error: "e", errors: ["a", "b"], ok: false, success: false, description: "d <x>" };

const FIRST_STEPS: readonly ReceiverRow[] = KINDS.flatMap((row) =>
  STATUSES.filter((status) => row.refusedDifferently?.[status] === undefined).map((status) => ({
    ...row,
    title: `${row.title}, ${status}`,
    answer: () => row.refusal?.(status) ?? json({ ...FAULT, error_code: status }, status),
  })),
);

const ROWS: readonly ReceiverRow[] = [...FIRST_STEPS, ...STEP_ROWS];

test.skipIf(lacks("peers"))(
  "after a service's refusal ours gives up or retries as Alertmanager does, and logs the same",
  async () => {
    using workplace = new Workplace();
    const pair = new Authority(workplace.folder, "services").issue({ name: "services" });
    await using ours = await Side.start("narthex", ROWS, { workplace, pair });
    await using theirs = await Side.start("peer", ROWS, { workplace, pair });
    const [startsAt, endsAt] = [0, 600_000].map((ms) => new Date(Date.now() + ms).toISOString()) as [string, string];
    const alerts = [{ labels: { alertname: "Refused" }, annotations: { summary: "s" }, startsAt, endsAt }];
    await Promise.all([ours.post(alerts), theirs.post(alerts)]);
    const [mine, peers] = await eventually("all have failed", async () => {
      const both = [outcomes(ours.log), outcomes(theirs.log)] as const;
      for (const row of ROWS) {
        for (const seen of both) if (!seen.has(receiverName(row))) throw new Error(`${receiverName(row)} has not`);
      }
      return both;
    });
    const differences = ROWS.map(receiverName)
      .filter((name) => mine.get(name) !== peers.get(name))
      .map((name) => `${name}\n  - ${peers.get(name)}\n  + ${mine.get(name)}`);
    if (differences.length > 0) console.log(differences.join("\n"));
    expect(differences).toEqual([]);
  },
);

const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
const RECEIVER = new RegExp(String.raw` receiver=(${QUOTED}|\S+)`);
const ERROR = new RegExp(String.raw` err=(${QUOTED}|\S+)`);
const GIVEN_UP = /^(.*)\/\w+\[0\]: notify retry canceled due to unrecoverable error after 1 attempts: (.*)$/s;

/** Parses an Alertmanager log into the result of each receiver's first notification attempt. */
function outcomes(log: string): ReadonlyMap<string, string> {
  const seen = new Map<string, string>();
  const note = (receiver: string, outcome: string): void => {
    if (!seen.has(receiver)) seen.set(receiver, outcome);
  };
  for (const line of log.split("\n")) {
    const reason = unquoted(ERROR.exec(line)?.[1]);
    if (reason === undefined) continue;
    const receiver = unquoted(RECEIVER.exec(line)?.[1]);
    if (line.includes("Notify attempt failed, will retry later") && receiver !== undefined) {
      note(receiver, `tried again: ${reason}`);
    }
    const [, name, why] = GIVEN_UP.exec(reason) ?? [];
    if (name !== undefined && line.includes("Notify for alerts failed")) note(name, `given up: ${why}`);
  }
  return seen;
}

const unquoted = (text: string | undefined): string | undefined =>
  text?.startsWith('"') === true ? (JSON.parse(text) as string) : text;
