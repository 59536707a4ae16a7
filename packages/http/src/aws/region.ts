import { trimTrailing } from "@narthex/model";
import { type AwsEnvironment, sharedFiles } from "./endpoint.ts";
import type { CloudTransport } from "../client/cloud-transport.ts";

const METADATA_ENDPOINT = "http://169.254.169.254";
const METADATA_TIMEOUT_MS = 2000;

/** Returns the region from the environment or from AWS' shared files; "" if they contain no region. */
export async function configuredRegion(env: AwsEnvironment): Promise<string> {
  const given = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"];
  if (given) return given;
  const { loadSharedConfigFiles } = await import("@smithy/core/config");
  const { credentialsFile, configFile } = await loadSharedConfigFiles({ ...sharedFiles(env), ignoreCache: true });
  const profile = env["AWS_PROFILE"] || "default";
  return credentialsFile[profile]?.["region"] ?? configFile[profile]?.["region"] ?? "";
}

/** Returns the region of this machine from the instance metadata service. Rejects if the service does not exist. */
export async function instanceRegion(transport: CloudTransport, env: AwsEnvironment): Promise<string> {
  if (env["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() === "true")
    throw new Error("access disabled to EC2 IMDS via environment variable AWS_EC2_METADATA_DISABLED");
  const endpoint = trimTrailing(env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || METADATA_ENDPOINT, "/");
  const timeoutMs = METADATA_TIMEOUT_MS;
  const token = await transport(`${endpoint}/latest/api/token`, {
    method: "PUT",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": "300" },
    timeoutMs,
  });
  // Sends no token if the service has issued none, because a metadata service of version 1 accepts requests without a
  // token.
  const headers: Record<string, string> = token.status === 200 ? { "x-aws-ec2-metadata-token": token.text } : {};
  const url = `${endpoint}/latest/dynamic/instance-identity/document`;
  const { status, text } = await transport(url, { method: "GET", headers, timeoutMs });
  if (status !== 200) throw new Error(`${url} answered with status ${status}`);
  const { region } = JSON.parse(text) as { readonly region?: string };
  if (!region) throw new Error("region not found in AWS config or IMDS");
  return region;
}
