import { defaultHttpClient, type SigV4Config } from "@narthex/config";
import type { Clock } from "@narthex/runtime";
import { beginningOf } from "../client/limited-body.ts";
import { createHttpClient } from "../client/http-client.ts";
import { type Signer, sigV4Signer } from "../client/sigv4.ts";
import { awsCredentials } from "./credentials.ts";
import type { AwsEnvironment } from "./endpoint.ts";
import type { CloudTransport } from "../client/cloud-transport.ts";
import { configuredRegion } from "./region.ts";

/** Service name of Amazon Managed Service for Prometheus in signatures. */
const SERVICE = "aps";
/** Maximum size in bytes of an answer that contains AWS credentials. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Returns the function that signs requests for a `sigv4` section. The first request looks up region and credentials,
 * and fails if they are missing.
 */
export function configuredSigner(
  config: SigV4Config,
  { clock, env }: { readonly clock: Clock; readonly env: AwsEnvironment },
): Signer {
  const now = (): number => clock.now();
  let signing: Promise<Signer> | undefined;
  const start = async (): Promise<Signer> => {
    const region = config.region || (await configuredRegion(env));
    if (region === "") throw new Error("region not configured in sigv4 or in default credentials chain");
    const pause = (ms: number): Promise<void> => clock.sleep(ms);
    const credentials = awsCredentials(config, { region, env, now, pause, transport: transportWith(clock) });
    return sigV4Signer({ region, service: config.serviceName || SERVICE, credentials, now });
  };
  return async (request) => {
    signing ??= start();
    try {
      return await (
        await signing
      )(request);
    } catch (error) {
      signing = undefined;
      throw error;
    }
  };
}

/**
 * Returns a function that sends requests to AWS. Each request uses a new client, because credentials of roles are
 * requested only a few times an hour.
 */
const transportWith =
  (clock: Clock): CloudTransport =>
  async (url, { timeoutMs, ...request }) => {
    const client = await createHttpClient(defaultHttpClient);
    const deadline = new AbortController();
    const cancel = clock.after(timeoutMs, () => deadline.abort(new DOMException("too slow", "TimeoutError")));
    try {
      const answer = await client.request(url, { ...request, signal: deadline.signal });
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text: await beginningOf(answer.body, MAX_ANSWER_BYTES),
      };
    } finally {
      cancel();
      await client.close();
    }
  };
