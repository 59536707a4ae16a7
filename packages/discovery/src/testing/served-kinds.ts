import { servedDatabases, servedDroplets } from "../kinds/digitalocean/served-digitalocean.ts";
import { servedEureka } from "../kinds/eureka/served-eureka.ts";
import { servedGce } from "../kinds/gce/served-gce.ts";
import { servedMarathon } from "../kinds/marathon/served-marathon.ts";
import { servedNomad } from "../kinds/nomad/served-nomad.ts";
import { servedOci } from "../kinds/oci/served-oci.ts";
import {
  servedOpenstackHypervisors,
  servedOpenstackInstances,
  servedOpenstackLoadBalancers,
} from "../kinds/openstack/served-openstack.ts";
import { servedPuppetDb } from "../kinds/puppetdb/served-puppetdb.ts";
import { servedVultr } from "../kinds/vultr/served-vultr.ts";
import type { ServedKind } from "./served-kind.ts";

/** The kinds of discovery that have a served API. A new kind adds a line. */
export const servedKinds: readonly ServedKind[] = [
  servedDatabases,
  servedDroplets,
  servedEureka,
  servedGce,
  servedMarathon,
  servedNomad,
  servedOci,
  servedOpenstackHypervisors,
  servedOpenstackInstances,
  servedOpenstackLoadBalancers,
  servedPuppetDb,
  servedVultr,
];
