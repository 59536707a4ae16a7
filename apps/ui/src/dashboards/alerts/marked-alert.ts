import type { Matcher } from "../../alertmanager/matcher-filter.ts";
import type { LabelSet } from "../../format/series-name.ts";

/** An alert that fired, or waited to, as its mark on an axis of times tells it. */
export interface MarkedAlert {
  readonly name: string;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  /** It waited to fire. */
  readonly isPending: boolean;
  readonly isCut: boolean;
  readonly isOngoing: boolean;
  /** When it became active, epoch ms; null where that is not known any more. */
  readonly activeAt: number | null;
  /** Where the pages of its server show it. */
  readonly href: string;
  /** The Alertmanager that can silence it; undefined where none is known. */
  readonly managerUid: string | undefined;
  /** Silences that held while it was active. */
  readonly silences: readonly MarkedSilence[];
}

/** A silence, as its mark on an axis of times tells it. */
export interface MarkedSilence {
  readonly id: string;
  readonly state: "active" | "pending" | "expired";
  readonly matchers: readonly Matcher[];
  readonly createdBy: string;
  readonly comment: string;
  /** Epoch ms. */
  readonly startsAt: number;
  readonly endsAt: number;
  /** Where the pages of its Alertmanager show it. */
  readonly href: string;
}
