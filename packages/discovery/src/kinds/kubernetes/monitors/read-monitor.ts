import { SpecError } from "../custom-objects/spec-error.ts";
import type { SelectedObject } from "../custom-objects/object-source.ts";
import { SpecFields } from "../custom-objects/spec-fields.ts";
import type { JobDraft, Monitor, MonitorKind } from "./monitor.ts";
import type { MonitorRules } from "./section.ts";

/** A monitor with its jobs, or with the reason why it is invalid. */
export interface ReadMonitor {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly drafts: readonly JobDraft[];
  /** Text of a rule file with the groups of the object. Undefined for kinds without rules. */
  readonly ruleFile?: string | undefined;
  /** Reason why the monitor is invalid, or "" if it is valid. */
  readonly problem: string;
  /** Name of a Secret or ConfigMap that has not been read yet, or "". */
  readonly waitsFor: string;
}

/** Makes scrape jobs of a monitor. */
export function readMonitor(selected: SelectedObject<MonitorKind>, rules: MonitorRules): ReadMonitor {
  const { kind, object: monitor, references } = selected;
  const reader = references.reader(monitor.namespace);
  const { namespace, name } = monitor;
  try {
    refuseScrapeClass(monitor);
    const drafts = kind.drafts(monitor, { ...rules, references: reader });
    const ruleFile = kind.ruleFile?.(monitor);
    return { kind: kind.kind, namespace, name, drafts, ruleFile, problem: "", waitsFor: reader.waitsFor };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    requestAll(selected, rules);
    return { kind: kind.kind, namespace, name, drafts: [], problem: error.message, waitsFor: "" };
  }
}

/**
 * Requests all Secrets and ConfigMaps of a monitor, even after the monitor's first error. Their values are then known
 * when the monitor is corrected.
 */
function requestAll({ kind, object, references }: SelectedObject<MonitorKind>, rules: MonitorRules): void {
  try {
    kind.drafts(object, { ...rules, references: references.lenientReader(object.namespace) });
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
  }
}

/**
 * Throws SpecError for a monitor with a scrape class, because scrape classes are defined in the operator's own
 * configuration.
 */
function refuseScrapeClass({ spec }: Monitor): void {
  const name = new SpecFields(spec).text("scrapeClass");
  if (name === "") return;
  throw new SpecError(
    `scrapeClass ${JSON.stringify(name)} is not known: the server has none, write its settings into the monitor`,
  );
}
