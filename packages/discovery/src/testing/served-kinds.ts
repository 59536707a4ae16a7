import { servedEc2 } from "../kinds/aws/ec2/served-ec2.ts";
import { servedEcs } from "../kinds/aws/ecs/served-ecs.ts";
import { servedElasticache } from "../kinds/aws/elasticache/served-elasticache.ts";
import { servedLightsail } from "../kinds/aws/lightsail/served-lightsail.ts";
import { servedMsk } from "../kinds/aws/msk/served-msk.ts";
import { servedRds } from "../kinds/aws/rds/served-rds.ts";
import { servedAzure } from "../kinds/azure/served-azure.ts";
import { servedDigitaloceanDatabases, servedDigitaloceanDroplets } from "../kinds/digitalocean/served-digitalocean.ts";
import { servedEureka } from "../kinds/eureka/served-eureka.ts";
import { servedGce } from "../kinds/gce/served-gce.ts";
import { servedHetznerCloud, servedHetznerRobot } from "../kinds/hetzner/served-hetzner.ts";
import { servedIonos } from "../kinds/ionos/served-ionos.ts";
import { servedKuma } from "../kinds/kuma/served-kuma.ts";
import { servedLinode } from "../kinds/linode/served-linode.ts";
import { servedMarathon } from "../kinds/marathon/served-marathon.ts";
import { servedNomad } from "../kinds/nomad/served-nomad.ts";
import { servedOci } from "../kinds/oci/served-oci.ts";
import {
  servedOpenstackHypervisors,
  servedOpenstackInstances,
  servedOpenstackLoadBalancers,
} from "../kinds/openstack/served-openstack.ts";
import { servedOutscale } from "../kinds/outscale/served-outscale.ts";
import { servedOvhcloudDedicatedServers, servedOvhcloudVps } from "../kinds/ovhcloud/served-ovhcloud.ts";
import { servedPuppetDb } from "../kinds/puppetdb/served-puppetdb.ts";
import { servedScalewayBaremetal, servedScalewayInstances } from "../kinds/scaleway/served-scaleway.ts";
import { servedStackit } from "../kinds/stackit/served-stackit.ts";
import { servedTritonComputeNodes, servedTritonContainers } from "../kinds/triton/served-triton.ts";
import { servedUyuni } from "../kinds/uyuni/served-uyuni.ts";
import { servedVultr } from "../kinds/vultr/served-vultr.ts";
import type { ServedKind } from "./served-kind.ts";

/** The kinds of discovery that have a served API. A new kind adds a line. */
export const servedKinds: readonly ServedKind[] = [
  servedAzure,
  servedDigitaloceanDatabases,
  servedDigitaloceanDroplets,
  ...servedEc2,
  ...servedEcs,
  ...servedElasticache,
  servedEureka,
  servedGce,
  servedHetznerCloud,
  servedHetznerRobot,
  servedIonos,
  servedKuma,
  ...servedLightsail,
  servedLinode,
  servedMarathon,
  ...servedMsk,
  servedNomad,
  servedOci,
  servedOpenstackHypervisors,
  servedOpenstackInstances,
  servedOpenstackLoadBalancers,
  servedOutscale,
  servedOvhcloudDedicatedServers,
  servedOvhcloudVps,
  servedPuppetDb,
  ...servedRds,
  servedScalewayBaremetal,
  servedScalewayInstances,
  servedStackit,
  servedTritonComputeNodes,
  servedTritonContainers,
  servedUyuni,
  servedVultr,
];
