import type { DiscoveryContext } from "../../discoverer.ts";
import type { ApiAccess } from "./api-server.ts";
import { directAccess } from "./direct-access.ts";
import { inClusterAccess, SERVICE_ACCOUNT } from "./in-cluster.ts";
import { kubeconfigAccess } from "./kubeconfig-access.ts";
import type { ApiServerSettings } from "./section.ts";

/**
 * Returns access to the Kubernetes API server of a configuration section. Rejects if a required setting is missing or a
 * file cannot be read.
 */
export function openAccess(
  config: ApiServerSettings,
  context: Pick<DiscoveryContext, "clock" | "connect" | "signal">,
): Promise<ApiAccess> {
  if (config.kubeconfigFile !== "") return kubeconfigAccess(config.kubeconfigFile, process.env, context);
  if (config.apiServer !== undefined) return directAccess(config.apiServer, config.httpClient, context);
  return inClusterAccess({ env: process.env, folder: SERVICE_ACCOUNT, needsNamespace: config.namespaces.own }, context);
}
