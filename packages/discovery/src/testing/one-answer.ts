import { onTestFinished } from "vitest";
import type { Discoverer } from "../discoverer.ts";
import { DiscovererRun } from "./discoverer-run.ts";
import { ServedApi } from "./served-api.ts";
import type { ServedAnswer, ServedRequest } from "./served-kind.ts";

/** An answer for all requests, or a function that returns the answer of each request. */
export type Answers = ServedAnswer | ((request: ServedRequest) => ServedAnswer);

/** Starts a discoverer of a test with an API that gives these answers. The service and the discoverer end with the test. */
export async function startWith(
  discoverer: Discoverer,
  section: (url: string, viaProxy: string) => string,
  answers: Answers,
): Promise<{ readonly api: ServedApi; readonly run: DiscovererRun }> {
  const api = await ServedApi.start(typeof answers === "function" ? answers : () => answers);
  onTestFinished(() => api[Symbol.asyncDispose]());
  const { url, viaProxy } = api.place("");
  const run = new DiscovererRun(discoverer, section(url, viaProxy));
  onTestFinished(() => run[Symbol.asyncDispose]());
  return { api, run };
}

/** Returns the labels of all targets of the first refresh. Labels of groups are included. */
export async function targetsOf(
  discoverer: Discoverer,
  section: (url: string, viaProxy: string) => string,
  answers: Answers,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const { run } = await startWith(discoverer, section, answers);
  return labelsOf(run);
}

/** Returns the labels of all targets after the next emission. */
export async function labelsOf(run: DiscovererRun): Promise<readonly Readonly<Record<string, string>>[]> {
  await run.next();
  return [...run.groups.values()].flatMap(({ targets, labels }) =>
    targets.map((target) => ({ ...labels.toRecord(), ...target.toRecord() })),
  );
}

/** Waits until a failure was logged, and returns its reason. No time passes. */
export async function failureOf(run: DiscovererRun): Promise<string> {
  const failed = () => run.logger.lines.findLast(({ fields }) => "err" in fields);
  while (failed() === undefined) await run.clock.advance(0);
  return String(failed()!.fields["err"]);
}

/** Returns the logged error of the first refresh. */
export async function refreshError(
  discoverer: Discoverer,
  section: (url: string, viaProxy: string) => string,
  answers: Answers,
): Promise<string> {
  const { run } = await startWith(discoverer, section, answers);
  return failureOf(run);
}
