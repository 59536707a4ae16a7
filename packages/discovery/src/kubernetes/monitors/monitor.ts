import type { JsonValue } from "@narthex/config";
import type { AttachMetadata, KubernetesRole, RoleSelector } from "../section.ts";
import type { MonitorRules } from "./section.ts";
import type { ReferenceReader } from "./references.ts";

export type Json = JsonValue;

/** A monitor as it is kept: its spec is what the CRD's schema let pass. */
export interface Monitor {
  readonly namespace: string;
  readonly name: string;
  readonly spec: Json;
}

/** Where a job's targets come from. */
export interface TargetsOfCluster {
  readonly role: KubernetesRole;
  /** None = all. */
  readonly namespaces: readonly string[];
  readonly attach: AttachMetadata;
  readonly selectors: readonly RoleSelector[];
}

/** A job that a monitor asks for, before defaults of the file's global section. */
export interface JobDraft {
  readonly jobName: string;
  /** The job's entry as it would stand in scrape_configs, without its kubernetes_sd_configs. Holds secrets. */
  readonly settings: Readonly<Record<string, Json>>;
  /** undefined = the settings name all targets. */
  readonly targets: TargetsOfCluster | undefined;
  /** Where in the monitor it stands, as in `endpoints[0]`; "" = the whole. */
  readonly place: string;
}

/** What a kind needs beside the monitor. */
export interface MonitorContext extends MonitorRules {
  /** Values of the Secrets and ConfigMaps in the monitor's namespace. */
  readonly references: ReferenceReader;
}

/** One kind of monitor: if it is read from, and what it asks for. */
export interface MonitorKind {
  readonly kind: string;
  /** As in its URL. */
  readonly plural: string;
  /** The jobs, as prometheus-operator has them. Throws MonitorError for what cannot be. */
  drafts(monitor: Monitor, context: MonitorContext): readonly JobDraft[];
}

/** A monitor that cannot be taken as it is. */
export class MonitorError extends Error {
  override readonly name = "MonitorError";
  /** The message names the place in the spec already. */
  readonly isPlaced: boolean;

  constructor(message: string, isPlaced = false) {
    super(message);
    this.isPlaced = isPlaced;
  }
}

/** Runs `work` for a part of a monitor: what it throws begins with the part's name. */
export function within<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MonitorError) || error.isPlaced) throw error;
    throw new MonitorError(`${place}: ${error.message}`);
  }
}
