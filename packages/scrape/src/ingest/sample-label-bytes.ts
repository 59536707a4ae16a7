import type { ScrapeConfig } from "@narthex/config";
import type { EntryReader } from "@narthex/exposition";
import { isLabelName, LabelBytes, type Labels } from "@narthex/model";
import { type Appender, MAX_LABEL_BYTES } from "@narthex/storage";
import type { SeriesBudget } from "../budget/series-budget.ts";
import type { StartSynthesis } from "../cache/start-synthesis.ts";
import type { Target } from "../target/target.ts";

/** The settings that decide whether labels can stay bytes. */
interface SampleLabelsContext {
  readonly job: ScrapeConfig;
  readonly target: Target;
  readonly budget: SeriesBudget;
  readonly cache: { readonly synthesis: StartSynthesis | undefined };
}

/** The labels of the current series. All scrapes share this object, so it is overwritten by the next series. */
const set = new LabelBytes();
/** The target whose labels are in `set`. */
let kept: Labels | undefined;
/** Maximum number of labels that are sorted by insertion. */
const MAX_LABELS = 64;

/**
 * Returns the labels under which an exposed series is stored, as bytes. Only handles labels that are the target's
 * labels plus the exposed labels; sampleLabels() handles all other cases.
 */
export class SampleLabelBytes {
  readonly #context: SampleLabelsContext;
  readonly #appender: Appender;
  /** True if labels can stay bytes for this job and target. Undefined before the first series. */
  #isOrdinary: boolean | undefined;

  constructor(context: SampleLabelsContext, appender: Appender) {
    this.#context = context;
    this.#appender = appender;
  }

  /**
   * Returns the labels as bytes, or undefined if sampleLabels() must be used. The result is valid until the next call.
   */
  of(reader: EntryReader): LabelBytes | undefined {
    this.#isOrdinary ??= this.#takesBytes();
    if (!this.#isOrdinary || reader.addLabelBytes === undefined || this.#context.budget.isFull) return undefined;
    // Checks the length before copying, because the set of labels never releases memory.
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
