import { defineAws } from "./kinds/aws/aws-kind.ts";
import { defineAwsRoles } from "./kinds/aws/aws.ts";
import { ec2Kind } from "./kinds/aws/ec2/ec2.ts";
import { ecsKind } from "./kinds/aws/ecs/ecs.ts";
import { elasticacheKind } from "./kinds/aws/elasticache/elasticache.ts";
import { lightsailKind } from "./kinds/aws/lightsail/lightsail.ts";
import { mskKind } from "./kinds/aws/msk/msk.ts";
import { rdsKind } from "./kinds/aws/rds/rds.ts";
import { azureDiscoverer } from "./kinds/azure/azure.ts";
import { consulDiscoverer } from "./kinds/consul/consul.ts";
import { digitaloceanDiscoverer } from "./kinds/digitalocean/digitalocean.ts";
import { dnsDiscoverer } from "./kinds/dns/dns.ts";
import { dockerDiscoverer } from "./kinds/docker/docker.ts";
import { dockerswarmDiscoverer } from "./kinds/dockerswarm/dockerswarm.ts";
import { eurekaDiscoverer } from "./kinds/eureka/eureka.ts";
import { fileDiscoverer } from "./kinds/file/file.ts";
import { gceDiscoverer } from "./kinds/gce/gce.ts";
import { hetznerDiscoverer } from "./kinds/hetzner/hetzner.ts";
import { httpDiscoverer } from "./kinds/http/http.ts";
import { ionosDiscoverer } from "./kinds/ionos/ionos.ts";
import { kubernetesDiscoverer } from "./kinds/kubernetes/kubernetes.ts";
import { kumaDiscoverer } from "./kinds/kuma/kuma.ts";
import { linodeDiscoverer } from "./kinds/linode/linode.ts";
import { marathonDiscoverer } from "./kinds/marathon/marathon.ts";
import { nomadDiscoverer } from "./kinds/nomad/nomad.ts";
import { ociDiscoverer } from "./kinds/oci/oci.ts";
import { openstackDiscoverer } from "./kinds/openstack/openstack.ts";
import { outscaleDiscoverer } from "./kinds/outscale/outscale.ts";
import { ovhcloudDiscoverer } from "./kinds/ovhcloud/ovhcloud.ts";
import { puppetdbDiscoverer } from "./kinds/puppetdb/puppetdb.ts";
import { scalewayDiscoverer } from "./kinds/scaleway/scaleway.ts";
import { stackitDiscoverer } from "./kinds/stackit/stackit.ts";
import { tritonDiscoverer } from "./kinds/triton/triton.ts";
import { uyuniDiscoverer } from "./kinds/uyuni/uyuni.ts";
import { vultrDiscoverer } from "./kinds/vultr/vultr.ts";
import { nerveDiscoverer, serversetDiscoverer } from "./kinds/zookeeper/zookeeper.ts";
import type { Discoverer } from "./discoverer.ts";

/**
 * The kinds of discovery in this build. To add one: (1) a folder in `kinds/`, with its section and a discoverer made
 * with definePolled or defineWatched, which loads its requests and labels only when it runs; (2) a line here; (3) its
 * served API in `testing/served-kinds.ts`, with which it is tested, and a row in the documentation.
 */
export const discoverers: readonly Discoverer[] = [
  defineAwsRoles(),
  azureDiscoverer,
  consulDiscoverer,
  digitaloceanDiscoverer,
  dnsDiscoverer,
  dockerDiscoverer,
  dockerswarmDiscoverer,
  defineAws(ec2Kind),
  defineAws(ecsKind),
  defineAws(elasticacheKind),
  eurekaDiscoverer,
  fileDiscoverer,
  gceDiscoverer,
  hetznerDiscoverer,
  httpDiscoverer,
  ionosDiscoverer,
  kubernetesDiscoverer,
  kumaDiscoverer,
  defineAws(lightsailKind),
  linodeDiscoverer,
  marathonDiscoverer,
  defineAws(mskKind),
  nerveDiscoverer,
  nomadDiscoverer,
  ociDiscoverer,
  openstackDiscoverer,
  outscaleDiscoverer,
  ovhcloudDiscoverer,
  puppetdbDiscoverer,
  defineAws(rdsKind),
  scalewayDiscoverer,
  serversetDiscoverer,
  stackitDiscoverer,
  tritonDiscoverer,
  uyuniDiscoverer,
  vultrDiscoverer,
];
