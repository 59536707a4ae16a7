import type { JsonValue } from "@narthex/config";
import type { CustomKind, CustomObject } from "../custom-objects/object-source.ts";
import type { AttachMetadata, KubernetesRole, RoleSelector } from "../section.ts";
import type { MonitorRules } from "./section.ts";
import type { ReferenceReader } from "../custom-objects/references.ts";

export type Json = JsonValue;

export type Monitor = CustomObject;

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
export interface MonitorKind extends CustomKind {
  readonly kind: string;
  /**
   * Returns the scrape jobs of a monitor, as prometheus-operator defines them. Throws SpecError for an invalid spec.
   */
  drafts(monitor: Monitor, context: MonitorContext): readonly JobDraft[];
  /**
   * Returns the text of a rule file with the rule groups of the object. Undefined for kinds without rules. Throws
   * SpecError for an invalid spec.
   */
  readonly ruleFile?: (monitor: Monitor) => string;
}
