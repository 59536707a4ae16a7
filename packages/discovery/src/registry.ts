import { consulDiscovery } from "./consul/consul.ts";
import { dnsDiscovery } from "./dns/dns.ts";
import { dockerDiscovery } from "./docker.ts";
import { dockerswarmDiscovery } from "./dockerswarm/dockerswarm.ts";
import { awsDiscovery, ec2Discovery } from "./ec2/ec2.ts";
import { fileDiscovery } from "./file.ts";
import { httpDiscovery } from "./http.ts";
import { kubernetesDiscovery } from "./kubernetes/kubernetes.ts";
import type { Mechanism } from "./provider.ts";

/**
 * The kinds of discovery in this build. Add one: (1) a file beside `http.ts`, the shortest, made with definePolled or
 * defineWatched; (2) a line here; (3) a test and a docs row. Kinds that upstream knows and this list does not are
 * accepted in configuration with a warning, and find nothing.
 */
export const discoveryMechanisms: readonly Mechanism[] = [
  awsDiscovery,
  consulDiscovery,
  dnsDiscovery,
  dockerDiscovery,
  dockerswarmDiscovery,
  ec2Discovery,
  fileDiscovery,
  httpDiscovery,
  kubernetesDiscovery,
];
