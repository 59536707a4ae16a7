import { setImmediate } from "node:timers/promises";
import {
  awsCredentials,
  awsEndpoint,
  type AwsEnvironment,
  AwsError,
  type AwsTransport,
  callQueryApi,
  configuredRegion,
  instanceRegion,
  type QueryApi,
  sigV4Signer,
  type XmlElement,
} from "@narthex/http";
import { Labels } from "@narthex/model";
import type { DiscoveryContext } from "../../../discoverer.ts";
import type { TargetGroup } from "../../../target-group.ts";
import type { Ec2Discovery } from "./ec2-section.ts";
import { instanceLabels, items } from "./instance-labels.ts";

const API_VERSION = "2016-11-15";

/** Number of EC2 reservations to process before yielding to the event loop. */
const RESERVATIONS_A_TURN = 50;

/** AWS error codes after which the credentials are looked up again. */
const CREDENTIAL_CODES: readonly string[] = ["AuthFailure", "UnauthorizedOperation"];

export interface Ec2InventoryOptions {
  readonly config: Ec2Discovery;
  readonly context: DiscoveryContext;
  readonly transport: AwsTransport;
  readonly env: AwsEnvironment;
}

interface Ec2Api {
  readonly region: string;
  readonly query: QueryApi;
}

/** Lists the EC2 instances of one region. The region and the credentials are looked up before the first request. */
export class Ec2Inventory {
  readonly #options: Ec2InventoryOptions;
  #api: Ec2Api | undefined;
  /** IDs of availability zones by name, which differ between AWS accounts. Undefined until they were read. */
  #zoneIds: ReadonlyMap<string, string> | undefined;

  constructor(options: Ec2InventoryOptions) {
    this.#options = options;
  }

  /** Returns all instances as one target group. Rejects if AWS cannot be reached or refuses the request. */
  async group(): Promise<TargetGroup> {
    const { region, query } = (this.#api ??= await this.#connect());
    this.#zoneIds ??= await this.#readZones(query);
    const targets: Labels[] = [];
    let token = "";
    do {
      const page = await this.#page(query, token);
      for (const [i, reservation] of items(page, "reservationSet").entries()) {
        if (i % RESERVATIONS_A_TURN === RESERVATIONS_A_TURN - 1) await setImmediate();
        for (const target of this.#targets(reservation, region)) targets.push(target);
      }
      token = page.text("nextToken") ?? "";
    } while (token !== "");
    return { source: region, targets, labels: Labels.EMPTY };
  }

  #targets(reservation: XmlElement, region: string): Labels[] {
    const { port } = this.#options.config;
    const ownerId = reservation.text("ownerId") ?? "";
    const zoneIds = this.#zoneIds ?? new Map<string, string>();
    return items(reservation, "instancesSet")
      .map((instance) => instanceLabels(instance, { region, port, ownerId, zoneIds }))
      .filter((labels) => labels !== undefined);
  }

  async #page(query: QueryApi, token: string): Promise<XmlElement> {
    const params = filterParams(this.#options.config);
    if (token !== "") params["NextToken"] = token;
    try {
      return await callQueryApi(query, "DescribeInstances", params);
    } catch (error) {
      if (error instanceof AwsError && CREDENTIAL_CODES.includes(error.code)) this.#api = undefined;
      throw new Error(`could not describe instances: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }

  /**
   * Returns the IDs of availability zones by name, or undefined if the account lacks the permission. Targets then have
   * no zone ID label, and the next refresh tries again.
   */
  async #readZones(query: QueryApi): Promise<ReadonlyMap<string, string> | undefined> {
    try {
      const answer = await callQueryApi(query, "DescribeAvailabilityZones");
      return new Map(
        items(answer, "availabilityZoneInfo").map((zone) => [zone.text("zoneName") ?? "", zone.text("zoneId") ?? ""]),
      );
    } catch (error) {
      const err = error instanceof Error ? error.message : String(error);
      this.#options.context.logger.debug("Unable to describe availability zones", { err });
      return undefined;
    }
  }

  async #connect(): Promise<Ec2Api> {
    const { config, env, transport, context } = this.#options;
    const now = (): number => context.clock.now();
    const region = await this.#region();
    const pause = (ms: number): Promise<void> => context.clock.sleep(ms, context.signal);
    const credentials = awsCredentials(config, { region, env, transport, now, pause });
    const query = {
      name: "EC2",
      endpoint: config.endpoint || awsEndpoint("ec2", region, env),
      version: API_VERSION,
      sign: sigV4Signer({ region, service: "ec2", credentials, now }),
      transport,
      pause,
    };
    return { region, query };
  }

  async #region(): Promise<string> {
    const { config, env, transport } = this.#options;
    if (config.region !== "") return config.region;
    try {
      return (await configuredRegion(env)) || (await instanceRegion(transport, env));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`could not determine AWS region: failed to get region from IMDS: ${why}`, { cause });
    }
  }
}

function filterParams({ filters }: Ec2Discovery): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [i, { name, values }] of filters.entries()) {
    params[`Filter.${i + 1}.Name`] = name;
    for (const [j, value] of values.entries()) params[`Filter.${i + 1}.Value.${j + 1}`] = value;
  }
  return params;
}
