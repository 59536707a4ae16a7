import { FakeAws } from "@narthex/http/testing";
import { onTestFinished } from "vitest";
import type { AwsAccount } from "../kinds/aws/aws-account.ts";
import { defineAws, type AwsKind } from "../kinds/aws/aws-kind.ts";
import { DiscovererRun } from "./discoverer-run.ts";

/** Settings with which a section reaches the simulated AWS. */
export const KEYS =
  "access_key: AKIDEXAMPLE\nsecret_key: wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\nregion: eu-west-1\n";

/** Starts a simulated AWS for one test. */
export async function simulatedAws(): Promise<FakeAws> {
  const aws = await FakeAws.start();
  onTestFinished(() => aws[Symbol.asyncDispose]());
  return aws;
}

/** Starts a kind of AWS discovery for one test. All services are those of the simulated AWS. */
export function startAws<C extends AwsAccount>(aws: FakeAws, kind: AwsKind<C>, yaml = ""): DiscovererRun {
  const run = new DiscovererRun(defineAws(kind, { AWS_ENDPOINT_URL: aws.url }), KEYS + yaml);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return run;
}

/** Returns the labels of all targets that the next refresh finds, sorted by address. */
export async function labelsOf(run: DiscovererRun): Promise<readonly Record<string, string>[]> {
  const groups = await run.next();
  return groups
    .flatMap(({ targets }) => targets.map((target) => target.toRecord()))
    .sort((a, b) => (String(a["__address__"]) < String(b["__address__"]) ? -1 : 1));
}

/** Waits until a refresh has failed, and returns the reason that was logged. No time passes. */
export async function failureOf(run: DiscovererRun): Promise<unknown> {
  const failed = () => run.logger.lines.findLast(({ fields }) => "err" in fields)?.fields["err"];
  while (failed() === undefined) await run.clock.advance(0);
  return failed();
}
