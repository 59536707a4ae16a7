import { Labels } from "@narthex/model";
import { AnswerError } from "../../answers/answer-error.ts";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import { targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import type { TargetGroup } from "../../target-group.ts";
import { InstanceLabels } from "./instance-labels.ts";
import { linodeMetrics } from "./linode-metrics.ts";
import type { LinodeDiscovery } from "./linode.ts";

const PAGE_SIZE = 500;
/** Number of refreshes without events after which everything is requested again. */
const MAX_POLLS = 10;
const UNAUTHORIZED = 401;

/** Returns a function that finds the instances of an account; https://techdocs.akamai.com/linode-api/reference/api. */
export async function openAccount(config: LinodeDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const client = await DiscoveryClient.open(config.httpClient, context);
  const account = new LinodeAccount(config, client, context);
  return () => account.refresh();
}

/** A Linode account. Requests the instances again if the account has had events since the last request. */
class LinodeAccount {
  readonly #config: LinodeDiscovery;
  readonly #context: DiscoveryContext;
  readonly #api: JsonApi;
  #found: readonly TargetGroup[] | undefined;
  /** Wall time, ms, at which the last successful refresh began. */
  #refreshedAt: number;
  #polls = 0;
  /** False if the token must not read the events of the account. */
  #canPoll = true;

  constructor(config: LinodeDiscovery, client: DiscoveryClient, context: DiscoveryContext) {
    this.#config = config;
    this.#context = context;
    const timeoutMs = config.refreshIntervalMs;
    this.#api = new JsonApi({ client, context, base: "https://api.linode.com/v4", timeoutMs });
    this.#refreshedAt = context.clock.now();
  }

  async refresh(): Promise<readonly TargetGroup[]> {
    const begun = this.#context.clock.now();
    if (this.#found === undefined || (await this.#hasChanged())) {
      this.#found = [await this.#find()];
      this.#polls = 0;
    }
    this.#refreshedAt = begun;
    return this.#found;
  }

  /**
   * Returns whether the account has had events. Returns true from time to time in any case, because Linode does not know
   * of changes that were made on a machine.
   */
  async #hasChanged(): Promise<boolean> {
    if (!this.#canPoll) return true;
    const since = new Date(this.#refreshedAt).toISOString().slice(0, "2006-01-02T15:04:05".length);
    try {
      const filter = `{"created": {"+gte": "${since}"}}`;
      const { json } = await this.#get("/account/events", 1, 25, filter);
      this.#polls++;
      return json.list("data").length > 0 || this.#polls >= MAX_POLLS;
    } catch (error) {
      if (!(error instanceof AnswerError) || error.status !== UNAUTHORIZED) throw error;
      this.#canPoll = false;
      return true;
    }
  }

  async #find(): Promise<TargetGroup> {
    try {
      const instances = await this.#list("/linode/instances");
      const addresses = await this.#list("/networking/ips");
      const ranges = await this.#list("/networking/ipv6/ranges");
      const labels = new InstanceLabels(this.#config, addresses, ranges);
      const targets = await targetsInTurns(this.#context.clock, instances, (instance) => labels.of(instance));
      return { source: "Linode", targets, labels: Labels.EMPTY };
    } catch (error) {
      linodeMetrics.of(this.#context.metrics).failures.inc();
      throw error;
    }
  }

  #list(path: string): Promise<readonly JsonValue[]> {
    const { region } = this.#config;
    const filter = region === "" ? undefined : `{"region": "${region}"}`;
    return readPages("1", async (page) => {
      const { json } = await this.#get(path, Number(page), PAGE_SIZE, filter);
      const isLast = Number(page) >= json.number("pages");
      return { items: json.list("data"), next: isLast ? undefined : String(Number(page) + 1) };
    });
  }

  #get(path: string, page: number, size: number, filter: string | undefined) {
    const headers = filter === undefined ? {} : { "x-filter": filter };
    return this.#api.send(path, { page, page_size: size }, { headers });
  }
}
