import type { JsonValue } from "@narthex/config";
import type { AttachMetadata, KubernetesRole, RoleSelector } from "../section.ts";
import type { MonitorRules } from "./section.ts";
import type { ReferenceReader } from "./references.ts";

export type Json = JsonValue;

/** A monitor as stored in the cluster. Its spec was checked only against the schema of its definition. */
export interface Monitor {
  readonly namespace: string;
  readonly name: string;
  readonly spec: Json;
}

/** Role, namespaces and selectors of a job's targets. */
export interface TargetsOfCluster {
  readonly role: KubernetesRole;
  /** Names of the namespaces. An empty list means all. */
  readonly namespaces: readonly string[];
  readonly attach: AttachMetadata;
  readonly selectors: readonly RoleSelector[];
}

/** A job of a monitor, before the defaults of the global section are applied. */
export interface JobDraft {
  readonly jobName: string;
  /** The job's entry as in scrape_configs, without its kubernetes_sd_configs. Contains secrets. */
  readonly settings: Readonly<Record<string, Json>>;
  /** Targets in the cluster. Undefined if the settings contain all targets. */
  readonly targets: TargetsOfCluster | undefined;
  /** Position in the monitor, such as `endpoints[0]`, or "" for the whole monitor. */
  readonly place: string;
}

/** Settings and values that a kind needs in addition to the monitor. */
export interface MonitorContext extends MonitorRules {
  /** Values of the Secrets and ConfigMaps in the monitor's namespace. */
  readonly references: ReferenceReader;
}

/** One kind of monitor: its API resource and its jobs. */
export interface MonitorKind {
  readonly kind: string;
  /** Plural as in its URL. */
  readonly plural: string;
  /** Returns the jobs, as prometheus-operator defines them. Throws MonitorError for an invalid spec. */
  drafts(monitor: Monitor, context: MonitorContext): readonly JobDraft[];
}

/** The monitor is invalid. */
export class MonitorError extends Error {
  override readonly name = "MonitorError";
  /** True if the message already names the position in the spec. */
  readonly isPlaced: boolean;

  constructor(message: string, isPlaced = false) {
    super(message);
    this.isPlaced = isPlaced;
  }
}

/** Runs `work` for a part of a monitor. Adds the part's name to the start of its errors. */
export function within<T>(field: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MonitorError) || error.isPlaced) throw error;
    throw new MonitorError(`${field}: ${error.message}`);
  }
}
