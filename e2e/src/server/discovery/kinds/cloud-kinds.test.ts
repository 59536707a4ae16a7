import { servedKinds } from "@narthex/discovery/testing";
import { test } from "vitest";
import { lacks } from "../../../support/requirements.ts";
import type { FoundLabels } from "../discovered-labels.ts";
import { type Comparison, expectSameTargets, nameOf } from "./served-kinds.ts";

const rows = servedKinds.map((kind) => [nameOf(kind), kind] as const);

test.skipIf(lacks("peers")).each(rows.filter(([name]) => name === "gce_sd_configs"))(
  "%s finds the same as Prometheus",
  (_, kind) => expectSameTargets(kind, "prometheus"),
);

/** Returns the labels without empty values, which vmagent shows and Prometheus omits. */
const withoutEmpty = (labels: FoundLabels): FoundLabels =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));

/** Differences between vmagent and Prometheus 3.14, by the name of the kind. */
const comparisons = new Map<string, Comparison>([
  ["azure_sd_configs", { adjust: withoutEmpty }],
  ["gce_sd_configs", { adjust: withoutEmpty }],
  ["openstack_sd_configs (hypervisor)", {}],
  [
    "openstack_sd_configs (instance)",
    {
      // vmagent has no label for the image, which each third instance of the served API lacks.
      adjust: (labels) =>
        withoutEmpty({
          ...labels,
          __meta_openstack_instance_image:
            Number(labels["__meta_openstack_instance_name"]!.split("-")[1]) % 3 === 0
              ? ""
              : "70a599e0-31e7-49b7-b260-868f441e862b",
        }),
    },
  ],
]);

test.skipIf(lacks("peers")).each(rows.filter(([name]) => comparisons.has(name)))(
  "%s finds the same as vmagent",
  (name, kind) => expectSameTargets(kind, "vmagent", comparisons.get(name)),
);
