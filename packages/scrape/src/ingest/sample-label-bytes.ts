import type { ScrapeConfig } from "@narthex/config";
import type { EntryReader } from "@narthex/exposition";
import { isLabelName, LabelBytes, type Labels } from "@narthex/model";
import { type Appender, MAX_LABEL_BYTES } from "@narthex/storage";
import type { SeriesBudget } from "../budget/series-budget.ts";
import type { StartSynthesis } from "../cache/start-synthesis.ts";
import type { Target } from "../target/target.ts";

/** The settings that decide whether labels can be processed as bytes. */
interface SampleLabelsContext {
  readonly job: ScrapeConfig;
  readonly target: Target;
  readonly budget: SeriesBudget;
  readonly cache: { readonly synthesis: StartSynthesis | undefined };
}

/** The labels of the current series. All scrapes share this object, so the next series overwrites it. */
const set = new LabelBytes();
/** The target labels that `set` contains now. */
let kept: Labels | undefined;
/** Maximum number of labels of a series that is processed as bytes. The limit exists because the labels are sorted by insertion, which is slow for many labels. */
const MAX_LABELS = 64;

/**
 * Returns the labels under which an exposed series is stored, as bytes. Handles only series whose stored labels are the
 * target's labels plus the exposed labels; sampleLabels() handles all other series.
 */
export class SampleLabelBytes {
  readonly #context: SampleLabelsContext;
  readonly #appender: Appender;
  /** True if the labels of this job and target can be processed as bytes. Undefined before the first series. */
  #isOrdinary: boolean | undefined;

  constructor(context: SampleLabelsContext, appender: Appender) {
    this.#context = context;
    this.#appender = appender;
  }

  /**
   * Returns the stored labels of a series as bytes, or undefined if sampleLabels() must be used. The next call
   * overwrites the result.
   */
  of(reader: EntryReader): LabelBytes | undefined {
    this.#isOrdinary ??= this.#takesBytes();
    if (!this.#isOrdinary || reader.addLabelBytes === undefined || this.#context.budget.isFull) return undefined;
    // Checks the length before the copy, because the object for the labels never releases memory.
    if (reader.seriesEnd - reader.seriesStart > MAX_LABEL_BYTES) return undefined;
    const { publicLabels } = this.#context.target;
    if (kept === publicLabels) set.clear();
    else {
      set.reset();
      for (const [name, value] of publicLabels) set.addText(name, value);
      set.keep();
      kept = publicLabels;
    }
    if (!reader.addLabelBytes(set) || set.length > MAX_LABEL_BYTES || set.count > MAX_LABELS) return undefined;
    return set.sort() ? set : undefined;
  }

  #takesBytes(): boolean {
    const { job, target, cache } = this.#context;
    const { metricRelabelConfigs, labelLimit, labelNameLengthLimit, labelValueLengthLimit } = job;
    if (this.#appender.seriesFromBytes === undefined || cache.synthesis !== undefined) return false;
    if (metricRelabelConfigs.length > 0 || labelLimit + labelNameLengthLimit + labelValueLengthLimit > 0) return false;
    return target.publicLabels.names().every((name) => isLabelName(name, job.metricNameValidationScheme));
  }
}
