import { type AwsEnvironment, callQueryApi, type QueryApi, type XmlElement } from "@narthex/http";
import { Labels } from "@narthex/model";
import { errorText } from "@narthex/runtime";
import { failureOf } from "../../../answers/answer-error.ts";
import { readPages } from "../../../answers/pages.ts";
import { type TargetLabels, targetsInTurns } from "../../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../../discoverer.ts";
import type { Refresh } from "../../../polled-discoverer.ts";
import type { TargetGroup } from "../../../target-group.ts";
import { AwsAccess } from "../aws-access.ts";
import type { AwsFilter } from "../aws-account.ts";
import { ec2Api } from "./ec2-api.ts";
import type { Ec2Discovery } from "./ec2.ts";
import { instanceLabels, items } from "./instance-labels.ts";

/** Returns a function that lists the EC2 instances of one region. */
export async function openInventory(
  config: Ec2Discovery,
  context: DiscoveryContext,
  env: AwsEnvironment,
): Promise<Refresh> {
  const inventory = new Ec2Inventory(config, context, await AwsAccess.open(config, context, env));
  return async () => [await inventory.group()];
}

class Ec2Inventory {
  readonly #config: Ec2Discovery;
  readonly #context: DiscoveryContext;
  readonly #access: AwsAccess;
  /** IDs of availability zones by name, which differ between AWS accounts. Undefined until they were read. */
  #zoneIds: ReadonlyMap<string, string> | undefined;

  constructor(config: Ec2Discovery, context: DiscoveryContext, access: AwsAccess) {
    this.#config = config;
    this.#context = context;
    this.#access = access;
  }

  /** Returns all instances as one target group. Rejects if AWS cannot be reached or refuses the request. */
  async group(): Promise<TargetGroup> {
    const session = await this.#access.session();
    const { region } = session;
    const query = ec2Api(session, this.#config.endpoint);
    this.#zoneIds ??= await this.#readZones(query);
    // Each page is converted before the next one is read, because its XML takes much more memory than its labels.
    const targets = await readPages("", async (token) => {
      const page = await this.#page(query, token);
      const found = await targetsInTurns(this.#context.clock, items(page, "reservationSet"), (reservation) =>
        this.#targets(reservation, region),
      );
      return { items: found, next: page.text("nextToken") || undefined };
    });
    return { source: region, targets, labels: Labels.EMPTY };
  }

  #targets(reservation: XmlElement, region: string): readonly TargetLabels[] {
    const { port } = this.#config;
    const ownerId = reservation.text("ownerId") ?? "";
    const zoneIds = this.#zoneIds ?? new Map<string, string>();
    return items(reservation, "instancesSet")
      .map((instance) => instanceLabels(instance, { region, port, ownerId, zoneIds }))
      .filter((labels) => labels !== undefined);
  }

  async #page(query: QueryApi, token: string): Promise<XmlElement> {
    const params = filterParams(this.#config.filters);
    if (token !== "") params["NextToken"] = token;
    try {
      return await callQueryApi(query, "DescribeInstances", params);
    } catch (error) {
      this.#access.renewAfter(error);
      throw failureOf("could not describe instances", error);
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
      this.#context.logger.debug("Unable to describe availability zones", { err: errorText(error) });
      return undefined;
    }
  }
}

function filterParams(filters: readonly AwsFilter[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [i, { name, values }] of filters.entries()) {
    params[`Filter.${i + 1}.Name`] = name;
    for (const [j, value] of values.entries()) params[`Filter.${i + 1}.Value.${j + 1}`] = value;
  }
  return params;
}
