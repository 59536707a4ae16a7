import { servedKinds } from "@narthex/discovery/testing";
import { test } from "vitest";
import { lacks } from "../../../support/requirements.ts";
import { type Comparison, expectSameTargets, nameOf } from "./served-kinds.ts";

const KEYS = ["digitalocean", "hetzner", "ionos", "linode", "outscale", "ovhcloud", "scaleway", "stackit", "vultr"];

const kinds = servedKinds.filter(({ key }) => KEYS.includes(key.replace("_sd_configs", "")));

/** Comparisons between Prometheus 3.5, which the tests run, and 3.14, by the name of the kind. */
const changesSince35 = new Map<string, Comparison>([
  [
    "hetzner_sd_configs (hcloud)",
    {
      // Prometheus 3.14 reads the location of the server, because Hetzner removes the data center of servers.
      adjust: ({ __meta_hetzner_datacenter: _datacenter, ...labels }) => ({
        ...labels,
        __meta_hetzner_hcloud_location: labels["__meta_hetzner_hcloud_datacenter_location"]!,
        __meta_hetzner_hcloud_location_network_zone: labels["__meta_hetzner_hcloud_datacenter_location_network_zone"]!,
      }),
    },
  ],
  [
    "hetzner_sd_configs (robot)",
    // Prometheus 3.14 has a second label with the data center.
    { adjust: (labels) => ({ ...labels, __meta_hetzner_robot_datacenter: labels["__meta_hetzner_datacenter"]! }) },
  ],
  [
    "scaleway_sd_configs (instance)",
    // Prometheus 3.14 requests the address of an instance that has only a private network card.
    { isOnlyOurs: ({ __address__ = "" }) => __address__.startsWith("10.1.") },
  ],
]);

const rows = kinds.filter(({ isInPrometheus }) => isInPrometheus).map((kind) => [nameOf(kind), kind] as const);

test.skipIf(lacks("peers")).each(rows)("%s finds the same as Prometheus", (name, kind) =>
  expectSameTargets(kind, "prometheus", changesSince35.get(name)),
);
