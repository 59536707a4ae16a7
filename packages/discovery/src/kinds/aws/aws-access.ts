import {
  awsCredentials,
  awsEndpoint,
  type AwsEnvironment,
  AwsError,
  type AwsService,
  type CloudTransport,
  configuredRegion,
  instanceRegion,
  sigV4Signer,
} from "@narthex/http";
import { failureOf } from "../../answers/answer-error.ts";
import { DiscoveryClient, withoutCredentials } from "../../discovery-client.ts";
import { type DiscoveryContext, pauseOf } from "../../discoverer.ts";
import type { AwsAccount } from "./aws-account.ts";

/** Codes of AWS' errors after which region and credentials are looked up again. */
const CREDENTIAL_CODES: ReadonlySet<string> = new Set(["AuthFailure", "UnauthorizedOperation"]);

/** Time limit of the request that checks the credentials. */
const PROBE_TIMEOUT_MS = 10_000;

/** Name of a service in messages, and in its endpoint and its signature. */
interface ServiceName {
  readonly name: string;
  readonly id: string;
}

/** An AWS account in one region. */
export interface AwsSession {
  readonly region: string;
  /** Returns a service of the region. `endpoint` is a URL, or "" for the region's standard endpoint. */
  service(service: ServiceName, endpoint?: string): AwsService;
}

/** The access of one section to AWS. Region and credentials are looked up when they are first needed. */
export class AwsAccess {
  readonly #account: AwsAccount;
  readonly #context: DiscoveryContext;
  readonly #env: AwsEnvironment;
  readonly #transport: CloudTransport;
  #session: AwsSession | undefined;

  private constructor(account: AwsAccount, context: DiscoveryContext, env: AwsEnvironment, client: DiscoveryClient) {
    this.#account = account;
    this.#context = context;
    this.#env = env;
    this.#transport = (url, request) => client.request(url, request);
  }

  /** Rejects if the TLS files of the section cannot be read. */
  static async open(account: AwsAccount, context: DiscoveryContext, env: AwsEnvironment): Promise<AwsAccess> {
    const client = await DiscoveryClient.open(withoutCredentials(account.httpClient), context);
    return new AwsAccess(account, context, env, client);
  }

  /**
   * Returns the session, and looks up the region if this was not yet done.
   * @param probe checks the credentials of a new session with a request; its service has a short time limit
   */
  async session(probe?: (session: AwsSession) => Promise<unknown>): Promise<AwsSession> {
    if (this.#session !== undefined) return this.#session;
    const region = await this.#region();
    this.#session = this.#sessionIn(region);
    await probe?.(this.#sessionIn(region, PROBE_TIMEOUT_MS));
    return this.#session;
  }

  /** Forgets the session if AWS refused the credentials, so that the next refresh looks them up again. */
  renewAfter(error: unknown): void {
    if (error instanceof AwsError && CREDENTIAL_CODES.has(error.code)) this.#session = undefined;
  }

  #sessionIn(region: string, timeoutMs?: number): AwsSession {
    const { clock } = this.#context;
    const env = this.#env;
    const now = (): number => clock.now();
    const pause = pauseOf(this.#context);
    const transport = this.#transport;
    const credentials = awsCredentials(this.#account, { region, env, transport, now, pause });
    return {
      region,
      service: ({ name, id }, endpoint = "") => ({
        name,
        endpoint: endpoint || awsEndpoint(id, region, env),
        sign: sigV4Signer({ region, service: id, credentials, now }),
        transport,
        now,
        pause,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }),
    };
  }

  async #region(): Promise<string> {
    if (this.#account.region !== "") return this.#account.region;
    try {
      return (await configuredRegion(this.#env)) || (await instanceRegion(this.#transport, this.#env));
    } catch (error) {
      throw failureOf("could not determine AWS region: failed to get region from IMDS", error);
    }
  }
}
