import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Pair } from "../api/pair.ts";
import type { Side } from "../api/request.ts";
import { corpus } from "./corpus.ts";
import { KNOWN, type VerdictDifference } from "./known-differences.ts";
import { KnownDifferences } from "../../support/known-differences.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { launcher } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

const absent = lacks("peers");
const seed = testSeed();

/**
 * Parses the output of `amtool check-config` into a result for each configuration file. Leaves out warnings about
 * matchers.
 */
function verdicts(output: string): Map<string, string> {
  const parts = output.replace(/time=.*\n/g, "").split(/^(?=Checking ')/m);
  // Unifies type names in amtool's error messages, because each kind of receiver has its own Go package since
  // Alertmanager 0.34.
  const plain = (part: string): string =>
    part
      .replace(/^Checking '[^']*'/, "")
      .replace(/\b\w+\.(?=(?:plain|[A-Z]\w*)$)/gm, "")
      .trim();
  return new Map(parts.map((part) => [/^Checking '([^']*)'/.exec(part)?.[1] ?? "", plain(part)]));
}

/** Runs `amtool check-config` and returns its output, even if the check fails. */
async function check(command: string, args: readonly string[], cwd: string): Promise<string> {
  const options = { cwd, maxBuffer: 2 ** 26 };
  const failed = (error: { stdout?: string; stderr?: string }) => ({
    stdout: error.stdout ?? "",
    stderr: error.stderr ?? "",
  });
  const { stdout, stderr } = await promisify(execFile)(command, args, options).catch(failed);
  return stderr.includes("goroutine") ? "" : stdout;
}

test.skipIf(absent)(`a corpus of files gets amtool's results and messages (seed ${seed})`, async () => {
  using workplace = new Workplace();
  const files = new Map(corpus(seed).map((text, i) => [`f${String(i).padStart(4, "0")}.yml`, text]));
  for (const [name, text] of files) workplace.write(name, text);
  const names = [...files.keys()];
  const own = check(launcher, ["amtool", "check-config", ...names], workplace.folder);
  // Runs amtool for one file at a time, because some files make amtool crash.
  const theirs = new Map<string, string>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let name = names[next++]; name !== undefined; name = names[next++]) {
      // oxlint-disable-next-line no-await-in-loop -- each of the two workers checks one file at a time
      for (const [key, verdict] of verdicts(
        await check(join(peers, "amtool"), ["check-config", name], workplace.folder),
      )) {
        theirs.set(key, verdict);
      }
    }
  };
  await Promise.all([work(), work()]);
  const ours = verdicts(await own);
  const known = new KnownDifferences<VerdictDifference>("amtool check-config", KNOWN, { accepted: 0.2, refused: 0.2 });
  const unlike = names.flatMap((name) => {
    const [text, a, b] = [files.get(name)!, ours.get(name)!, theirs.get(name)];
    if (b === undefined) return [];
    const contents = [b.startsWith("SUCCESS") ? "accepted" : "refused"];
    return known.compare(a === b ? [] : [{ text, ours: a, theirs: b }], contents);
  });
  known.end(unlike.map((one) => JSON.stringify(one, null, 2)));
  expect([...theirs.values()].filter((verdict) => verdict.startsWith("SUCCESS")).length).toBeGreaterThan(150);
});

const reload = { path: "/-/reload", method: "POST" };

async function original(side: Side): Promise<string> {
  const { body } = await side.send({ path: "/api/v2/status" });
  return (JSON.parse(body) as { config: { original: string } }).config.original;
}

test.skipIf(absent)("a valid file is shown with its defaults as Alertmanager shows it", async () => {
  await using pair = await Pair.start();
  const known = new KnownDifferences<VerdictDifference>("defaults of valid files", KNOWN, { accepted: 0.5 });
  const unlike: string[] = [];
  // Leaves out configuration files whose check results are known to differ, because some of them make Alertmanager
  // exit.
  const texts = corpus(0).filter((text) => known.explain({ text, ours: "", theirs: "" }) === undefined);
  for (const text of texts.slice(0, -120)) {
    pair.workplace.write("alertmanager.yml", text);
    // oxlint-disable-next-line no-await-in-loop -- both servers read one file, which the next round overwrites
    const [own, peer] = await Promise.all([pair.ours.send(reload), pair.theirs.send(reload)]);
    if (own.status !== 200 || peer.status !== 200) {
      known.compare([]);
      continue;
    }
    // oxlint-disable-next-line no-await-in-loop -- both servers read one file, which the next round overwrites
    const [a, b] = await Promise.all([original(pair.ours), original(pair.theirs)]);
    const unexplained = known.compare(a === b ? [] : [{ text, ours: a, theirs: b }], ["accepted"]);
    unlike.push(...unexplained.map(() => JSON.stringify({ text, difference: firstDifference(a, b) }, null, 2)));
  }
  known.end(unlike);
});

function firstDifference(ours: string, theirs: string): { readonly ours: string; readonly theirs: string } {
  const [a, b] = [ours.split("\n"), theirs.split("\n")];
  const at = a.findIndex((line, i) => line !== b[i]);
  const part = (lines: readonly string[]): string => lines.slice(Math.max(0, at - 2), at + 4).join("\n");
  return { ours: part(a), theirs: part(b) };
}
