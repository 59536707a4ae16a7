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
