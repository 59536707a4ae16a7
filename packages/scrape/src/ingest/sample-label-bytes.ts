import type { ScrapeConfig } from "@narthex/config";
import type { EntryReader } from "@narthex/exposition";
import { isLabelName, LabelBytes, type Labels } from "@narthex/model";
import { type Appender, MAX_LABEL_BYTES } from "@narthex/storage";
import type { SeriesBudget } from "../budget/series-budget.ts";
import type { StartSynthesis } from "../cache/start-synthesis.ts";
import type { Target } from "../target/target.ts";

/** What decides whether labels can stay bytes. */
interface SampleLabelsContext {
  readonly job: ScrapeConfig;
  readonly target: Target;
  readonly budget: SeriesBudget;
  readonly cache: { readonly synthesis: StartSynthesis | undefined };
}

/** The labels of one series at a time, for all scrapes: each is done with it at once. */
const set = new LabelBytes();
/** The target whose labels stay in it. */
let kept: Labels | undefined;
/** More labels than these are not put in order one by one. */
const MAX_LABELS = 64;

/**
 * The labels under which an exposed series is stored, as bytes: the ordinary case, in which the target's labels come
 * beside the exposed ones and nothing else is done to either. All others are sampleLabels()'.
 */
export class SampleLabelBytes {
  readonly #context: SampleLabelsContext;
  readonly #appender: Appender;
  /** Undefined before the first series. */
  #isOrdinary: boolean | undefined;

  constructor(context: SampleLabelsContext, appender: Appender) {
    this.#context = context;
    this.#appender = appender;
  }

  /** Undefined where it takes strings. Good until the next call. */
  of(reader: EntryReader): LabelBytes | undefined {
    this.#isOrdinary ??= this.#takesBytes();
    if (!this.#isOrdinary || reader.addLabelBytes === undefined || this.#context.budget.isFull) return undefined;
    // Before they are copied: the set keeps the memory that it once had.
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
