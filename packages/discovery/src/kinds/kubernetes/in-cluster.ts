import { access, readFile } from "node:fs/promises";
import { defaultHttpClient, type HttpClientConfig } from "@narthex/config";
import type { DiscoveryContext } from "../../discoverer.ts";
import { directAccess } from "./direct-access.ts";
import type { ApiAccess } from "./api-server.ts";
import { errorText } from "@narthex/runtime";

/** Folder in which a pod finds the credentials of its service account. */
export const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

export interface PodEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder with the service account's files token, ca.crt and namespace. */
  readonly folder: string;
  readonly needsNamespace: boolean;
}

/**
 * Returns access to the API server of the cluster in which this process runs, with the service account of its pod. The
 * token is read for each request, because the kubelet replaces it.
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
export async function inClusterAccess(
  { env, folder, needsNamespace }: PodEnvironment,
  context: Pick<DiscoveryContext, "connect" | "signal">,
): Promise<ApiAccess> {
  const host = env["KUBERNETES_SERVICE_HOST"] ?? "";
  const port = env["KUBERNETES_SERVICE_PORT"] ?? "";
  if (host === "" || port === "") {
    throw new Error(
      "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined; " +
        "outside of a cluster, set api_server or kubeconfig_file",
    );
  }
  const tokenFile = `${folder}/token`;
  const caFile = `${folder}/ca.crt`;
  await readFile(tokenFile);
  const hasCa = await access(caFile).then(
    () => true,
    () => false,
  );
  const client: HttpClientConfig = {
    ...defaultHttpClient,
    authorization: { type: "Bearer", credentials: undefined, credentialsFile: tokenFile },
    tls: { ...defaultHttpClient.tls, caFile: hasCa ? caFile : "" },
  };
  const ownNamespace = needsNamespace ? await namespaceIn(folder) : "";
  const url = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return directAccess(url, client, context, { ownNamespace });
}

async function namespaceIn(folder: string): Promise<string> {
  const name = await readFile(`${folder}/namespace`, "utf8").catch((cause: unknown) => {
    const reason = errorText(cause);
    throw new Error(`could not determine the pod's namespace: ${reason}`, { cause });
  });
  if (name.trim() === "") throw new Error("could not read own namespace name (empty file)");
  return name.trim();
}
