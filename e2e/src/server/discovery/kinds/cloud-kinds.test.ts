import { servedKinds } from "@narthex/discovery/testing";
import { test } from "vitest";
import { lacks } from "../../../support/requirements.ts";
import { type Comparison, expectSameTargets, type Finder, nameOf } from "./served-kinds.ts";

const KEYS = ["azure", "gce", "openstack"];

const kinds = servedKinds.filter(({ key }) => KEYS.includes(key.replace("_sd_configs", "")));

/** Differences between vmagent and Prometheus 3.14, by the name of the kind. */
const differencesOfVmagent = new Map<string, Comparison>([
  [
    "openstack_sd_configs (instance)",
    {
      // vmagent has no label for the image, which each third instance of the served API lacks.
      adjust: (labels) =>
        Number(labels["__meta_openstack_instance_name"]!.split("-")[1]) % 3 === 0
          ? labels
          : { ...labels, __meta_openstack_instance_image: "70a599e0-31e7-49b7-b260-868f441e862b" },
    },
  ],
]);

type Row = readonly [
  name: string,
  peer: Exclude<Finder, "narthex">,
  comparison: Comparison | undefined,
  kind: (typeof kinds)[number],
];

const rows: readonly Row[] = kinds.flatMap((kind): readonly Row[] => {
  const name = nameOf(kind);
  return [
    ...(kind.isInPrometheus ? [[name, "prometheus", undefined, kind] as const] : []),
    ...(kind.isInVmagent ? [[name, "vmagent", differencesOfVmagent.get(name), kind] as const] : []),
  ];
});

test.skipIf(lacks("peers")).each(rows)("%s finds the same as %s", (_name, peer, comparison, kind) =>
  expectSameTargets(kind, peer, comparison),
);
