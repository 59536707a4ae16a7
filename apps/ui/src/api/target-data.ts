import type { LabelSet } from "../format/series-name.ts";

/** Result of a target's last scrape. */
export type Health = "up" | "down" | "unknown";

/** A target that is scraped. */
export interface ActiveTarget {
  readonly discoveredLabels: LabelSet;
  readonly labels: LabelSet;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  readonly lastScrape: string;
  /** Duration of the last scrape, seconds. */
  readonly lastScrapeDuration: number;
  readonly health: Health;
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

/** A target that relabeling dropped. */
interface DroppedTarget {
  readonly discoveredLabels: LabelSet;
  readonly scrapePool: string;
}

/** Response data of `/targets`. The counts of dropped targets are null if only active targets were requested. */
export interface TargetsData {
  readonly activeTargets: readonly ActiveTarget[];
  readonly droppedTargets: readonly DroppedTarget[];
  readonly droppedTargetCounts: Readonly<Record<string, number>> | null;
}

/** A relabeling step in the response of `/targets/relabel_steps`. `output` is empty if the target was dropped. */
export interface RelabelStep {
  readonly rule: Readonly<Record<string, unknown>>;
  readonly output: LabelSet;
  readonly keep: boolean;
  /**
   * The value that the rule tested, and whether the rule's expression matched. Prometheus does not return these two
   * properties.
   */
  readonly value?: string;
  readonly matched?: boolean;
}

/** The data of `/targets/relabel_steps`. Prometheus does not return the final labels. */
export interface RelabelSteps {
  readonly steps: readonly RelabelStep[];
  readonly target?:
    | { readonly outcome: "active"; readonly labels: LabelSet; readonly scrapeUrl: string }
    | { readonly outcome: "dropped" }
    | { readonly outcome: "failed"; readonly error: string };
}
