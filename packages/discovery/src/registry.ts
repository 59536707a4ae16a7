import { consulDiscoverer } from "./consul/consul.ts";
import { dnsDiscoverer } from "./dns/dns.ts";
import { dockerDiscoverer } from "./docker.ts";
import { dockerswarmDiscoverer } from "./dockerswarm/dockerswarm.ts";
import { awsDiscoverer, ec2Discoverer } from "./ec2/ec2.ts";
import { fileDiscoverer } from "./file.ts";
import { httpDiscoverer } from "./http.ts";
import { kubernetesDiscoverer } from "./kubernetes/kubernetes.ts";
import type { Discoverer } from "./discoverer.ts";

/**
 * The kinds of discovery in this build. To add one: (1) a file next to `http.ts`, the shortest, made with definePolled
 * or defineWatched; (2) a line here; (3) a test and a row in the documentation. Prometheus' kinds that are not in this
 * list are accepted in the configuration with a warning, and find nothing.
 */
export const discoverers: readonly Discoverer[] = [
  awsDiscoverer,
  consulDiscoverer,
  dnsDiscoverer,
  dockerDiscoverer,
  dockerswarmDiscoverer,
  ec2Discoverer,
  fileDiscoverer,
  httpDiscoverer,
  kubernetesDiscoverer,
];
