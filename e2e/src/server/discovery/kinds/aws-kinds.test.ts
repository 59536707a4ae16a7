import { servedKinds } from "@narthex/discovery/testing";
import { test } from "vitest";
import { lacks } from "../../../support/requirements.ts";
import { expectSameTargets, nameOf } from "./served-kinds.ts";

/** The kinds of AWS that Prometheus 3.5 has. vmagent has EC2 only, with fewer labels. */
const KEYS: readonly string[] = ["ec2_sd_configs", "lightsail_sd_configs"];

const rows = servedKinds
  .filter(({ key, isInPrometheus }) => KEYS.includes(key) && isInPrometheus)
  .map((kind) => [nameOf(kind), kind] as const);

test.skipIf(lacks("peers")).each(rows)("%s finds the same as Prometheus", (_, kind) =>
  expectSameTargets(kind, "prometheus", { instances: 120 }),
);
