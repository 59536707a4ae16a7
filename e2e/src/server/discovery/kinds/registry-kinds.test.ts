import { servedKinds } from "@narthex/discovery/testing";
import { test } from "vitest";
import { lacks } from "../../../support/requirements.ts";
import type { FoundLabels } from "../discovered-labels.ts";
import { expectSameTargets, nameOf } from "./served-kinds.ts";

const KEYS = ["eureka", "kuma", "marathon", "nomad", "puppetdb", "triton", "uyuni"];

const kinds = servedKinds.filter(({ key }) => KEYS.includes(key.replace("_sd_configs", "")));

const rows = (peer: "isInPrometheus" | "isInVmagent") =>
  kinds.filter((kind) => kind[peer] === true).map((kind) => [nameOf(kind), kind] as const);

test.skipIf(lacks("peers")).each(rows("isInPrometheus"))("%s finds the same as Prometheus", (_, kind) =>
  expectSameTargets(kind, "prometheus"),
);

/** Labels that vmagent adds to those of Prometheus: the allocation and the job in Nomad, and a label for each tag. */
const OF_VMAGENT_ALONE = /^__meta_nomad_(?:service_(?:alloc|job)_id|tag(?:present)?_.*)$/;

/**
 * Returns the labels that Prometheus gives the target of vmagent, which also shows labels with an empty value, and joins
 * an empty list of tags to two separators.
 */
const asInPrometheus = (labels: FoundLabels): FoundLabels =>
  Object.fromEntries(
    Object.entries(labels).filter(
      ([name, value]) =>
        value !== "" && !OF_VMAGENT_ALONE.test(name) && !(name === "__meta_nomad_tags" && value === ",,"),
    ),
  );

test.skipIf(lacks("peers")).each(rows("isInVmagent"))("%s finds the same as vmagent", (_, kind) =>
  expectSameTargets(kind, "vmagent", { adjust: asInPrometheus }),
);
