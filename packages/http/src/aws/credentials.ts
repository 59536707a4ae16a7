import type { Secret } from "@narthex/config";
import { type Renewal, RenewedValue } from "../client/renewed-value.ts";
import { type AwsCredentials, type CredentialsSource, sigV4Signer } from "../client/sigv4.ts";
import { type AwsEnvironment, awsEndpoint, sharedFiles } from "./endpoint.ts";
import type { CloudTransport } from "../client/cloud-transport.ts";
import { callQueryApi } from "./query-api.ts";

/** The AWS identity in a section of the configuration. Missing fields are "". */
export interface AwsIdentity {
  readonly accessKey: string;
  readonly secretKey: Secret | undefined;
  readonly profile: string;
  /** ARN of the AWS role that is assumed with the keys of the section; "" for none. */
  readonly roleArn: string;
  readonly externalId: string;
  readonly useFipsStsEndpoint?: boolean;
}

export interface AwsContext {
  readonly region: string;
  readonly env: AwsEnvironment;
  readonly transport: CloudTransport;
  /** Returns the wall clock time, ms since 1970. */
  readonly now: () => number;
  /** Waits before a retry. */
  readonly pause: (ms: number) => Promise<void>;
}

/**
 * Returns a source of AWS credentials: the keys in the section, otherwise AWS' default chain (environment, shared
 * files, single sign-on, web identity, container and instance metadata). If a role is given, the credentials are
 * exchanged for credentials of the role.
 */
export function awsCredentials(identity: AwsIdentity, context: AwsContext): CredentialsSource {
  const secretAccessKey = identity.secretKey?.reveal() ?? "";
  const { accessKey: accessKeyId } = identity;
  const own =
    accessKeyId !== "" && secretAccessKey !== ""
      ? () => Promise.resolve({ accessKeyId, secretAccessKey })
      : chain(identity.profile, context.env);
  return identity.roleArn === "" ? own : assumedRole(identity, own, context);
}

/**
 * Returns the credentials of AWS' default chain. Keys in the environment take precedence over a profile that the
 * environment names, as in Go's SDK.
 */
function chain(profile: string, env: AwsEnvironment): CredentialsSource {
  let provider: CredentialsSource | undefined;
  return async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env;
    if (profile === "" && accessKeyId && secretAccessKey)
      return { accessKeyId, secretAccessKey, ...(token ? { sessionToken: token } : {}) };
    const { defaultProvider } = await import("@aws-sdk/credential-provider-node");
    provider ??= defaultProvider({ ...sharedFiles(env), ...(profile === "" ? {} : { profile }) });
    return provider();
  };
}

const STS_VERSION = "2011-06-15";
const SESSION_SECONDS = 900;
/** Time in ms before their expiry at which credentials are renewed. */
const EARLY_MS = 300_000;

function assumedRole(identity: AwsIdentity, own: CredentialsSource, context: AwsContext): CredentialsSource {
  const { region, env, transport, now, pause } = context;
  const service = identity.useFipsStsEndpoint === true ? "sts-fips" : "sts";
  const api = {
    name: "STS",
    endpoint: awsEndpoint(service, region, env),
    version: STS_VERSION,
    sign: sigV4Signer({ region, service: "sts", credentials: own, now }),
    transport,
    now,
    pause,
  };
  const assume = async (): Promise<Renewal<AwsCredentials>> => {
    const answer = await callQueryApi(api, "AssumeRole", {
      RoleArn: identity.roleArn,
      RoleSessionName: `narthex-${now().toFixed(0)}`,
      DurationSeconds: String(SESSION_SECONDS),
      ...(identity.externalId === "" ? {} : { ExternalId: identity.externalId }),
    });
    const keys = answer.child("AssumeRoleResult").child("Credentials");
    const expiration = new Date(keys.text("Expiration") ?? 0);
    const value = {
      accessKeyId: keys.text("AccessKeyId") ?? "",
      secretAccessKey: keys.text("SecretAccessKey") ?? "",
      sessionToken: keys.text("SessionToken") ?? "",
      expiration,
    };
    return { value, validUntil: expiration.getTime() - EARLY_MS };
  };
  const credentials = new RenewedValue(assume, now);
  return () => credentials.get();
}
