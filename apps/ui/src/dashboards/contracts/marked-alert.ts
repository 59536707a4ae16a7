import type { Matcher } from "../../alertmanager/matcher-filter.ts";
import type { LabelSet } from "../../format/series-name.ts";

/** An alert that was firing or pending, with the data that its mark on a time axis shows. */
export interface MarkedAlert {
  readonly name: string;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  /** Whether the alert was only pending and did not fire. */
  readonly isPending: boolean;
  readonly isCut: boolean;
  readonly isOngoing: boolean;
  /** Time at which the alert became active, epoch ms; null if it is no longer known. */
  readonly activeAt: number | null;
  /** Time at which a pending alert would fire, epoch ms; null if it is not pending now, or the time is not known. */
  readonly firesAt: number | null;
  /** Link to the alert on the pages of its server. */
  readonly href: string;
  /** Uid of the Alertmanager data source in which the alert can be silenced. Undefined if none is known. */
  readonly managerUid: string | undefined;
  /** Silences that were active at the same time as the alert and matched it. */
  readonly silences: readonly MarkedSilence[];
}

/** A silence, with the data that its mark on a time axis shows. */
export interface MarkedSilence {
  readonly id: string;
  readonly state: "active" | "pending" | "expired";
  readonly matchers: readonly Matcher[];
  readonly createdBy: string;
  readonly comment: string;
  /** Start and end, epoch ms. */
  readonly startsAt: number;
  readonly endsAt: number;
  /** Link to the silence on the pages of its Alertmanager. */
  readonly href: string;
}
