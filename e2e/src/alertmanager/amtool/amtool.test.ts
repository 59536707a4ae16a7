import { spawn } from "node:child_process";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONFIG, Pair } from "../api/pair.ts";
import { CHANGES, FILE_COMMANDS, QUERIES } from "./commands.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { launcher } from "../../support/running.ts";

const absent = lacks("peers");
let pair: Pair;

const FILES = {
  "am.yml": CONFIG,
  "templates.yml": "route: {receiver: a}\nreceivers: [{name: a}]\ntemplates: ['*.tmpl']\n",
  "a.tmpl": '{{ define "my.title" }}T {{ .Status | toUpper }}{{ end }}',
  "bad.json": '[{"id":"x"}]',
  "data.json": '{"receiver":"r","groupLabels":{"a":"b"},"alerts":[]}',
  "import.json": JSON.stringify([
    {
      id: "2f5f8f8e-5d0c-4a52-9b0e-000000000000",
      matchers: [{ name: "imported", value: "yes", isRegex: false, isEqual: true }],
      startsAt: "2030-01-01T00:00:00Z",
      endsAt: "2031-01-01T00:00:00Z",
      createdBy: "them",
      comment: "é",
    },
  ]),
};

const ALERTS = [
  {
    labels: { alertname: "A b", severity: "critical", inst: "1" },
    annotations: { summary: "x <b> & é", more: "m" },
    startsAt: "2026-01-01T10:00:00Z",
    endsAt: "2031-01-01T00:00:00Z",
    generatorURL: "http://g/x?y=1&z=2",
  },
  {
    labels: { alertname: "W", severity: "warning", inst: "1" },
    startsAt: "2026-01-02T10:00:00Z",
    endsAt: "2031-01-01T00:00:00Z",
  },
  {
    labels: { alertname: "S", team: "a", "né x": 'q"t' },
    annotations: { summary: "line\nbreak\ttab" },
    startsAt: "2025-01-02T10:00:00Z",
    endsAt: "2031-01-01T00:00:00Z",
  },
];

const SILENCES = [
  {
    matchers: [{ name: "alertname", value: "S", isRegex: false }],
    startsAt: "2026-01-01T00:00:00Z",
    endsAt: "2031-01-01T00:00:00Z",
    createdBy: "me",
    comment: "c <x>",
  },
  {
    matchers: [
      { name: "alertname", value: "x|y", isRegex: true, isEqual: false },
      { name: "b", value: 'q"\\', isRegex: false },
    ],
    startsAt: "2030-01-01T00:00:00Z",
    endsAt: "2030-06-01T00:00:00Z",
    createdBy: "you",
    comment: "é",
    annotations: { t: "1" },
  },
];

const headers = { "content-type": "application/json" };

beforeAll(async () => {
  if (absent) return;
  pair = await Pair.start();
  for (const [name, text] of Object.entries(FILES)) pair.workplace.write(name, text);
  for (const side of [pair.ours, pair.theirs]) {
    const post = (path: string, body: unknown) =>
      side.send({ path: `/api/v2/${path}`, method: "POST", headers, body: JSON.stringify(body) });
    await post("alerts", ALERTS);
    for (const silence of SILENCES) await post("silences", silence);
  }
});

afterAll(async () => {
  if (!absent) await pair[Symbol.asyncDispose]();
});

type Client = readonly [command: string, ...args: string[]];
const OURS: Client = [launcher, "amtool"];
const THEIRS: Client = [join(peers, "amtool")];

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run([command, ...before]: Client, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options = { cwd: pair.workplace.folder, env: { ...process.env, HOME: pair.workplace.folder } };
    const child = spawn(command, [...before, ...args], { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject).once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

const addressed = (port: number): string[] => [`--alertmanager.url=http://127.0.0.1:${port}`, "--no-version-check"];

/**
 * Replaces ids, ports and recent times in an amtool command's output by fixed text. Also removes amtool's warning about
 * `--config.file`.
 */
function plain({ status, stdout, stderr }: Outcome, ids: readonly string[] = []): Outcome {
  const text = (raw: string): string =>
    raw
      .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) =>
        ids.includes(id) ? `{id ${ids.indexOf(id)}}` : "{id}",
      )
      .replace(/"(?:updatedAt|uptime)":"[^"]*"/g, "{moment}")
      .replace(/127\.0\.0\.1:\d+/g, "{host}")
      .replace("Warning: --config.file flag overrides the --alertmanager.url.\n", "");
  return { status, stdout: text(stdout), stderr: text(stderr) };
}

/**
 * Replaces times within a day of the current time by fixed text. Alertmanager's extended tables have such times in the
 * column "Updated At".
 */
const withoutNow = (text: string): string =>
  text.replace(/\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d UTC|T\d\d:\d\d:\d\d\.\d{3}Z)/g, (time) =>
    Math.abs(Date.parse(time) - Date.now()) < 86_400_000 ? "{now}" : time,
  );

const settled = (outcome: Outcome): Outcome => ({ ...plain(outcome), stdout: withoutNow(plain(outcome).stdout) });

async function unlike(lines: readonly (readonly string[])[], runs: (line: readonly string[]) => Promise<Outcome[]>) {
  const found: unknown[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let line = lines[next++]; line !== undefined; line = lines[next++]) {
      // oxlint-disable-next-line no-await-in-loop -- each of the three workers runs one command line at a time
      const [first, ...others] = (await runs(line)).map(settled);
      for (const other of others)
        if (!isDeepStrictEqual(first, other)) found.push({ line: line.join(" "), first, other });
    }
  };
  await Promise.all([work(), work(), work()]);
  return found;
}

test.skipIf(absent)("our client prints what amtool prints, whichever server answers", async () => {
  const found = await unlike(QUERIES, (line) =>
    Promise.all([
      run(THEIRS, [...line, ...addressed(pair.theirs.port)]),
      run(OURS, [...line, ...addressed(pair.theirs.port)]),
      // Skips the command `config` without arguments, because another test compares its output.
      ...(line[0] === "config" && line.length === 1 ? [] : [run(THEIRS, [...line, ...addressed(pair.ours.port)])]),
    ]),
  );
  expect(found).toEqual([]);
});

test.skipIf(absent)("files are checked, routed and rendered as amtool does", async () => {
  expect(await unlike(FILE_COMMANDS, (line) => Promise.all([run(THEIRS, line), run(OURS, line)]))).toEqual([]);
});

test.skipIf(absent)("both clients create, change and end silences and alerts alike at both servers", async () => {
  // Runs amtool and the original amtool one after the other, because both create silences and alerts with the same
  // names.
  const outcomes: Outcome[][] = [];
  for (const [client, side] of [
    [THEIRS, pair.theirs],
    [THEIRS, pair.ours],
    [OURS, pair.theirs],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- all clients use the same names
    outcomes.push(await runChanges(client, side.port));
  }
  for (const other of outcomes.slice(1)) expect(other).toEqual(outcomes[0]);
});

/**
 * Runs all commands of CHANGES with one program (our amtool or the original one) against one server. Then expires the
 * silences that `amtool silence import` created.
 */
async function runChanges(client: Client, port: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let id = "";
  for (const line of CHANGES) {
    const args = line.map((word) => word.replace("{id}", id));
    const outcome = await run(client, [...args, ...addressed(port)]);
    if (id === "") id = outcome.stdout.trim();
    outcomes.push(settled(outcome));
  }
  const imported = await run(THEIRS, ["silence", "query", "imported=yes", "-q", ...addressed(port)]);
  await run(THEIRS, ["silence", "expire", ...imported.stdout.trim().split("\n"), ...addressed(port)]);
  return outcomes;
}
