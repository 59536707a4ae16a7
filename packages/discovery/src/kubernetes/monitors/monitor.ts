import type { JsonValue } from "@narthex/config";
import type { AttachMetadata, KubernetesRole, RoleSelector } from "../section.ts";
import type { MonitorRules } from "./section.ts";
import type { ReferenceReader } from "./references.ts";

export type Json = JsonValue;

/** A monitor as stored in the cluster. Its spec is untrusted, because only the cluster's schema has checked it. */
export interface Monitor {
  readonly namespace: string;
  readonly name: string;
  readonly spec: Json;
}

export interface TargetsOfCluster {
  readonly role: KubernetesRole;
  /** Names of the namespaces to search. An empty list means all. */
  readonly namespaces: readonly string[];
  readonly attach: AttachMetadata;
  readonly selectors: readonly RoleSelector[];
}

/** A scrape job of a monitor, before the defaults of the `global` section are applied. */
export interface JobDraft {
  readonly jobName: string;
  /** The job's settings as in scrape_configs, without kubernetes_sd_configs. Contains secrets. */
  readonly settings: Readonly<Record<string, Json>>;
  /** Targets to discover in the cluster. Undefined if `settings` contains all targets. */
  readonly targets: TargetsOfCluster | undefined;
  /** Position of the job in the monitor's spec, such as `endpoints[0]`, or "" for the whole monitor. */
  readonly place: string;
}

/** Input for creating the scrape jobs of a monitor. */
export interface MonitorContext extends MonitorRules {
  /** Values of the Secrets and ConfigMaps in the monitor's namespace. */
  readonly references: ReferenceReader;
}

/** A kind of monitor, such as PodMonitor: its API resource, and the scrape jobs that it creates. */
export interface MonitorKind {
  readonly kind: string;
  /** Plural name of the kind in API paths. */
  readonly plural: string;
  /**
   * Returns the scrape jobs of a monitor, as prometheus-operator defines them. Throws MonitorError for an invalid spec.
   */
  drafts(monitor: Monitor, context: MonitorContext): readonly JobDraft[];
  /**
   * Returns the text of a rule file with the rule groups of the object. Undefined for kinds without rules. Throws
   * MonitorError for an invalid spec.
   */
  readonly ruleFile?: (monitor: Monitor) => string;
}

export class MonitorError extends Error {
  override readonly name = "MonitorError";
  /** Whether the error message already contains the position in the monitor's spec. */
  readonly isPlaced: boolean;

  constructor(message: string, isPlaced = false) {
    super(message);
    this.isPlaced = isPlaced;
  }
}

/** Runs a function that reads a field of a monitor. Puts the field's name in front of error messages. */
export function within<T>(field: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MonitorError) || error.isPlaced) throw error;
    throw new MonitorError(`${field}: ${error.message}`);
  }
}
