import type { DiscoveryContext } from "../discoverer.ts";
import type { ApiAccess } from "./api-server.ts";
import { directAccess } from "./direct-access.ts";
import { inClusterAccess, SERVICE_ACCOUNT } from "./in-cluster.ts";
import { kubeconfigAccess } from "./kubeconfig-access.ts";
import type { ApiServerSettings } from "./section.ts";

/**
 * Opens access to the API server that a section of the configuration names. Rejects if the section names no server or a
 * file of the section cannot be read.
 */
export function openAccess(config: ApiServerSettings, context: DiscoveryContext): Promise<ApiAccess> {
  if (config.kubeconfigFile !== "") return kubeconfigAccess(config.kubeconfigFile, process.env, context);
  if (config.apiServer !== undefined) return directAccess(config.apiServer, config.httpClient, context);
  return inClusterAccess({ env: process.env, folder: SERVICE_ACCOUNT, needsNamespace: config.namespaces.own }, context);
}
