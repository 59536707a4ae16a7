import { servedKinds } from "@narthex/discovery/testing";
import { test } from "vitest";
import { lacks } from "../../../support/requirements.ts";
import { expectSameTargets, type FoundLabels, nameOf } from "./served-kinds.ts";

const KEYS = ["digitalocean", "hetzner", "ionos", "linode", "outscale", "ovhcloud", "scaleway", "stackit", "vultr"];

const kinds = servedKinds.filter(({ key }) => KEYS.includes(key.replace("_sd_configs", "")));

const rows = (peer: "isInPrometheus" | "isInVmagent") =>
  kinds.filter((kind) => kind[peer] === true).map((kind) => [nameOf(kind), kind] as const);

test.skipIf(lacks("peers")).each(rows("isInPrometheus"))("%s finds the same as Prometheus", (_, kind) =>
  expectSameTargets(kind, "prometheus"),
);
