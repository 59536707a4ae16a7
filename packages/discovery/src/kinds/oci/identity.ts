import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type CloudTransport, InstancePrincipal, type OciKey, readProblem, retried } from "@narthex/http";
import { failureOf } from "../../answers/answer-error.ts";
import { type DiscoveryContext, pauseOf } from "../../discoverer.ts";
import type { OciAccess, OciDiscovery } from "./oci.ts";

/** A user or a machine in whose name requests are sent. */
export interface OciIdentity {
  /** Region that the requests are sent to. */
  readonly region: string;
  readonly tenancy: string;
  /** Returns the key for the next request. */
  key(): Promise<OciKey>;
  /** Reads files again, so that they can be replaced. */
  renew(): Promise<void>;
}

/** The metadata server can be late when a machine starts. */
const METADATA_ATTEMPTS = { attempts: 8, pauseMs: 1000, maxPauseMs: 30_000, isTransient: () => true };

/**
 * Returns the identity of a section. Rejects if the key cannot be read, or if the machine has no identity.
 * @param send sends requests that are not signed
 */
export async function openIdentity(
  config: OciDiscovery,
  context: DiscoveryContext,
  { env }: OciAccess,
  send: CloudTransport,
): Promise<OciIdentity> {
  if (config.auth === "api_key") return openApiKey(config);
  const options = { env, send, now: () => context.clock.now() };
  const machine = await retried(pauseOf(context), METADATA_ATTEMPTS, () => InstancePrincipal.open(options));
  // As in Prometheus, the machine's region has precedence over the section's.
  return {
    region: machine.region,
    tenancy: machine.tenancy,
    key: () => machine.key(),
    renew: () => Promise.resolve(),
  };
}

async function openApiKey(config: OciDiscovery): Promise<OciIdentity> {
  const { tenancy, user, fingerprint, region } = config;
  const keyId = `${tenancy}/${user}/${fingerprint}`;
  let privateKey = await readKey(config);
  return {
    region,
    tenancy,
    key: () => Promise.resolve({ keyId, privateKey }),
    renew: async () => {
      privateKey = await readKey(config);
    },
  };
}

async function readKey({ keyFile, keyPassphrase, keyPassphraseFile }: OciDiscovery): Promise<KeyObject> {
  const key = await textOf(keyFile, "OCI key");
  const passphrase =
    keyPassphraseFile === ""
      ? (keyPassphrase?.reveal() ?? "")
      : withoutLineEnd(await textOf(keyPassphraseFile, "OCI key passphrase"));
  try {
    return createPrivateKey({ key, ...(passphrase !== "" && { passphrase }) });
  } catch (cause) {
    throw failureOf(
      `OCI key file ${JSON.stringify(keyFile)} has no private key in PEM, or needs another passphrase`,
      cause,
    );
  }
}

async function textOf(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Error(`reading ${what} file ${JSON.stringify(path)}: ${readProblem(path, cause)}`, { cause });
  }
}

/** Returns a text without the line ends after it. */
function withoutLineEnd(text: string): string {
  let end = text.length;
  while (end > 0 && "\r\n".includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}
