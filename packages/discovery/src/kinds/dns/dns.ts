import { readFile } from "node:fs/promises";
import { field, integer, INVALID, listOf, millis, section, text } from "@narthex/config";
import { Labels } from "@narthex/model";
import { errorText, logOnChange, type StateLog } from "@narthex/runtime";
import { hostPort } from "../../target-labels.ts";
import { definePolled } from "../../polled-discoverer.ts";
import type { Discoverer, DiscoveryContext } from "../../discoverer.ts";
import type { TargetGroup } from "../../target-group.ts";
import { type HostRecord, lookup, type RecordType } from "./lookup.ts";
import { parseResolvConf } from "./resolv-conf.ts";
import { dnsMetrics } from "./dns-metrics.ts";

interface DnsDiscovery {
  readonly names: readonly string[];
  readonly refreshIntervalMs: number;
  /** DNS record type as written in the configuration, in upper or lower case. */
  readonly type: string;
  readonly port: number;
}

const TYPES: readonly string[] = ["SRV", "A", "AAAA", "MX", "NS"];

const codec = section<DnsDiscovery>(
  "dns.plain",
  {
    names: field("names", listOf(text), [], true),
    refreshIntervalMs: field("refresh_interval", millis, 30_000),
    type: field("type", text, "SRV", true),
    port: field("port", integer, 0, true),
  },
  (value, at, report) => {
    const type = value.type.toUpperCase();
    if (value.names.length === 0) {
      const message = "DNS-SD config must contain at least one SRV record name";
      report(at.names, "dns-sd-names", message, "list the names to look up: `names: [_metrics._tcp.example.org]`");
    } else if (!TYPES.includes(type)) {
      const message = `invalid DNS-SD records type ${value.type}`;
      report(at.type, "dns-sd-type", message, `write one of ${TYPES.join(", ")}`);
    } else if (type !== "SRV" && value.port === 0) {
      const message = "a port is required in DNS-SD configs for all record types except SRV";
      report(at.port, "dns-sd-port", message, "add `port:` with the port of the targets");
    } else return value;
    return INVALID;
  },
);

/** The system's DNS configuration, and the time limit for each server. */
export interface DnsSystem {
  /** Returns the text of resolv.conf, which is read at each refresh. */
  resolvConf(): Promise<string>;
  readonly timeoutMs: number;
}

const RESOLV_CONF = "/etc/resolv.conf";

const machine: DnsSystem = {
  async resolvConf() {
    try {
      return await readFile(RESOLV_CONF, "utf8");
    } catch (cause) {
      throw new Error(`could not load resolv.conf: ${errorText(cause)}`, {
        cause,
      });
    }
  },
  timeoutMs: 2000,
};

export const createDnsDiscoverer = (system: DnsSystem): Discoverer =>
  definePolled<DnsDiscovery>({
    key: "dns_sd_configs",
    name: "dns",
    metrics: dnsMetrics,
    codec,
    intervalMs: (config) => config.refreshIntervalMs,
    open(config, context) {
      const names = [...new Set(config.names)].map((name) => new WatchedName(name, config, system, context));
      return Promise.resolve(async () =>
        (await Promise.all(names.map((name) => name.refresh()))).filter((group) => group !== undefined),
      );
    },
  });

/** Finds targets in A, AAAA, SRV, MX and NS records. Queries the servers in /etc/resolv.conf each refresh_interval. */
export const dnsDiscoverer = createDnsDiscoverer(machine);

/** A DNS name that is looked up at each refresh. If its lookup fails, only this name keeps its last targets. */
class WatchedName {
  readonly #name: string;
  readonly #config: DnsDiscovery;
  readonly #system: DnsSystem;
  readonly #context: DiscoveryContext;
  readonly #log: StateLog;
  #last: TargetGroup | undefined;

  constructor(name: string, config: DnsDiscovery, system: DnsSystem, context: DiscoveryContext) {
    this.#name = name;
    this.#config = config;
    this.#system = system;
    this.#context = context;
    this.#log = logOnChange(context.logger, `DNS lookup of ${name}`);
  }

  /** Looks up the name. Returns its targets; after a failure, the targets of the last successful lookup, if any. */
  async refresh(): Promise<TargetGroup | undefined> {
    const { signal } = this.#context;
    const metrics = dnsMetrics.of(this.#context.metrics);
    try {
      const conf = parseResolvConf(await this.#system.resolvConf());
      const type = this.#config.type.toUpperCase() as RecordType;
      const options = { timeoutMs: this.#system.timeoutMs, signal };
      this.#last = this.#group(await lookup(this.#name, type, conf, options), type);
      metrics.lookups.inc();
      this.#log.succeeded();
    } catch (error) {
      if (signal.aborted) return this.#last;
      metrics.lookups.inc();
      metrics.lookupFailures.inc();
      this.#log.failed(errorText(error));
    }
    return this.#last;
  }

  #group(records: readonly HostRecord[], type: RecordType): TargetGroup {
    const targets = records.map(({ host, port }) =>
      Labels.of({
        __address__: hostPort(host, port ?? this.#config.port),
        __meta_dns_name: this.#name,
        ...(type === "SRV"
          ? { __meta_dns_srv_record_target: `${host}.`, __meta_dns_srv_record_port: String(port) }
          : {}),
        ...(type === "MX" ? { __meta_dns_mx_record_target: `${host}.` } : {}),
        ...(type === "NS" ? { __meta_dns_ns_record_target: `${host}.` } : {}),
      }),
    );
    return { source: this.#name, targets, labels: Labels.EMPTY };
  }
}
