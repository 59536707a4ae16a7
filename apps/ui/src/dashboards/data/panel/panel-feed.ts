import {
  type EarlierPeriod,
  type Frame,
  type FrameAnswer,
  isFrozen,
  isReferenceCycle,
  type Panel,
  type PanelReference,
  panelReferencesOf,
  type PreparedQueries,
  prepareQueries,
  type ResolvedTimeRange,
  withUsualFields,
} from "@narthex/dashboards";
import { noData, type PanelData, type RunningRequest } from "../panel-data.ts";
import type { PanelAnswers, PanelQueryBatcher } from "../panel-query-batcher.ts";
import { configuredFrames } from "./configured-frames.ts";
import { frameSettings } from "./frame-settings.ts";
import { type Answers, answersOf, queriedNames, noResponseOf } from "./panel-answers.ts";
import type { PanelRequest } from "./panel-request.ts";
import { noOutcomes, type SourceOutcomes } from "./source-outcomes.ts";
import { filledText, usedNames } from "./used-names.ts";

/** Sends queries to the server. Rejects with a readable message, or if the signal aborts. */
export type SendQueries = PanelQueryBatcher["send"];

/**
 * The key and times of a request. Two requests with the same key have the same queries and differ only in their times.
 */
interface SentRequest {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

interface Answered extends SentRequest, Answers {
  /** Results for the earlier time range in a comparison. */
  readonly earlier: (Answers & { readonly period: EarlierPeriod }) | undefined;
}

const noAnswers: PanelAnswers = new Map();

/** A request that waits for its answer. */
interface Running extends SentRequest {
  readonly control: AbortController;
  readonly waiting: RunningRequest;
}

const isSameRequest = (a: SentRequest, b: SentRequest): boolean =>
  a.key === b.key && a.from === b.from && a.to === b.to && a.now === b.now;

/** Frames of a panel before and after its transformations. */
interface SharedFrames {
  readonly frames: readonly Frame[];
  readonly transformed: readonly Frame[];
}

/** Frames that a panel shares with other panels that show its results. */
interface SharedResults extends SharedFrames {
  readonly earlier?: SharedFrames;
}

const noResults: SharedResults = { frames: [], transformed: [] };

/** Properties whose change is reported to the listeners. The notices change only together with the frames. */
const PUBLISHED = ["isLoading", "frames", "error", "range", "asOf", "waiting"] as const;

/**
 * Requests and keeps the data of one panel. A request is sent only if it differs from the last one, or a refresh is
 * newer than the answer. A refresh waits for the running request, and a different request aborts it. Old data stays
 * until newer data has arrived.
 */
export class PanelFeed {
  readonly #send: SendQueries;
  readonly #feedOf: (panelId: number) => PanelFeed;
  readonly #onChange: () => void;
  readonly #clock: () => number;
  readonly #listeners = new Set<() => void>();
  #data = noData;
  #results = noResults;
  #latest: PanelRequest | undefined;
  #answered: Answered | undefined;
  #running: Running | undefined;
  /** The variables for which the panel waits before it sends its request. */
  #variables: RunningRequest | undefined;
  /** The request that the user has cancelled. The next refresh is a different request. */
  #cancelled: SentRequest | undefined;
  #isQueued = false;
  /** The inputs from which the shown frames were last computed. */
  #shown: readonly unknown[] = [];
  #owners = 0;
  readonly #referenced = new Map<PanelFeed, () => void>();

  /**
   * @param onChange called when a request is sent, answered or aborted
   * @param clock returns the current time, epoch ms
   */
  constructor(send: SendQueries, feedOf: (panelId: number) => PanelFeed, onChange: () => void, clock: () => number) {
    this.#send = send;
    this.#feedOf = feedOf;
    this.#onChange = onChange;
    this.#clock = clock;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  readonly data = (): PanelData => this.#data;

  readonly results = (): SharedResults => this.#results;

  /** Returns how the data sources have answered the last request. */
  get outcomes(): SourceOutcomes {
    return this.#answered?.outcomes ?? noOutcomes;
  }

  get isInUse(): boolean {
    return this.#owners > 0 || this.#listeners.size > 0;
  }

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      this.#abortIfUnused();
    };
  };

  /**
   * Registers a visible panel as the owner of this feed until the returned function is called. While the feed has an
   * owner, other panels cannot send requests through it.
   */
  readonly own = (): (() => void) => {
    this.#owners++;
    return () => {
      this.#owners--;
      this.#abortIfUnused();
    };
  };

  /**
   * Sends a request on behalf of another panel that shows this panel's results. Does nothing if the feed has an owner,
   * which sends its own requests.
   */
  requestForOther(request: PanelRequest): void {
    if (this.#owners === 0) this.request(request);
  }

  /**
   * Sends a request, unless the same request is running or has been answered. If the queries cannot be prepared,
   * reports an error.
   */
  request(request: PanelRequest): void {
    this.#latest = request;
    try {
      this.#prepare(request);
    } catch (error) {
      this.#fail(unprepared(error));
    }
  }

  /** Aborts the running request. The shown frames do not change until the next refresh. */
  readonly cancel = (): void => {
    if (this.#running === undefined) return;
    this.#cancelled = this.#running;
    this.#fail("Cancelled until the next refresh.");
  };

  #prepare(request: PanelRequest): void {
    const { panel, time, pending, earlier } = request;
    const loading = usedNames(panel).all.filter((name) => pending.has(name));
    if (loading.length > 0) {
      this.#variables ??= { since: this.#clock(), names: loading.map((name) => `the values of $${name}`) };
      return this.#publish({ ...this.#data, isLoading: true });
    }
    this.#variables = undefined;
    if (time.range === undefined) {
      const own = [panel.timeFrom ?? "", panel.timeShift ?? ""].join(" ").trim();
      return this.#publish({
        ...this.#data,
        isLoading: false,
        error: `The panel's own time range "${own}" is invalid.`,
      });
    }
    const problem = this.#watchReferenced(request, panelReferencesOf(panel));
    const prepared = prepareQueries({ ...request, range: time.range });
    const key = JSON.stringify([prepared.queries, [...prepared.unsent], time.raw, problem, earlier?.period.words]);
    const sent = { key, ...time.range, now: request.now };
    if (this.#cancelled !== undefined && isSameRequest(this.#cancelled, sent)) return;
    this.#cancelled = undefined;
    if (this.#running !== undefined) {
      if (isSameRequest(this.#running, sent)) return;
      this.#isQueued = this.#running.key === sent.key;
      if (this.#isQueued) return;
      this.#running.control.abort();
      this.#running = undefined;
    }
    if (this.#answered !== undefined && isSameRequest(this.#answered, sent)) void this.#show();
    else void this.#run(sent, prepared, problem, request);
  }

  /** Aborts the running request and reports an error. The shown frames do not change. */
  #fail(error: string): void {
    this.#running?.control.abort();
    this.#running = undefined;
    this.#isQueued = false;
    this.#onChange();
    this.#publish({ ...this.#data, isLoading: false, error });
  }

  async #run(
    sent: SentRequest,
    prepared: PreparedQueries,
    problem: string | undefined,
    request: PanelRequest,
  ): Promise<void> {
    const control = new AbortController();
    const { signal } = control;
    const names = queriedNames(prepared.queries, request.sources);
    const waiting = { since: this.#clock(), names, cancel: this.cancel };
    this.#running = { ...sent, control, waiting };
    this.#onChange();
    this.#publish({ ...this.#data, isLoading: true });
    const before = this.#answered?.key === sent.key ? this.#answered : undefined;
    const [answered, earlier] = await Promise.all([
      this.#answersOf(prepared, sent, signal, this.#answered, before),
      this.#earlierAnswers(request, signal, before?.earlier),
    ]);
    if (signal.aborted) return;
    this.#running = undefined;
    this.#answered = { ...answered, ...sent, failure: problem ?? answered.failure, earlier };
    this.#onChange();
    await this.#show();
    if (!this.#isQueued || this.#latest === undefined) return;
    this.#isQueued = false;
    if (this.isInUse) this.request(this.#latest);
  }

  /**
   * Sends queries and returns their results. Never rejects.
   * @param known result whose tag is sent, so that the server need not send an unchanged answer again
   * @param before results of an earlier request with the same key
   */
  async #answersOf(
    prepared: PreparedQueries,
    { from, to, now }: Omit<SentRequest, "key">,
    signal: AbortSignal,
    known: Answers | undefined,
    before: Answers | undefined,
  ): Promise<Answers> {
    const { queries } = prepared;
    const { outcomes } = this;
    try {
      const found = queries.length === 0 ? noAnswers : await this.#send(queries, { from, to }, signal, known?.found);
      return answersOf(found, prepared, before, outcomes, now);
    } catch (error) {
      return noResponseOf(error, prepared.unsent, before, outcomes, now);
    }
  }

  /** Sends the same queries for the earlier time range. */
  async #earlierAnswers(
    request: PanelRequest,
    signal: AbortSignal,
    before: Answered["earlier"],
  ): Promise<Answered["earlier"]> {
    if (request.earlier === undefined) return undefined;
    const { period, lookup } = request.earlier;
    let prepared: PreparedQueries;
    try {
      prepared = prepareQueries({ ...request, lookup, range: period.range });
    } catch (error) {
      return { ...noResponseOf(unprepared(error), noAnswers, undefined, noOutcomes, 0), period };
    }
    const sent = { ...period.range, now: request.now };
    const answers = await this.#answersOf(prepared, sent, signal, before, before);
    const stands =
      before?.answers === answers.answers &&
      before.failure === answers.failure &&
      before.period.shiftMs === period.shiftMs;
    return stands ? before : { ...answers, period };
  }

  /**
   * Watches the feeds of the panels whose results this panel shows.
   * @returns an error message if a panel does not exist, or if the panel would show its own results
   */
  #watchReferenced(request: PanelRequest, references: readonly PanelReference[]): string | undefined {
    const panelOf = (panelId: number): Panel | undefined => request.requestOf(panelId)?.panel;
    const isCircle = references.length > 0 && isReferenceCycle(request.panel, panelOf);
    let problem = isCircle
      ? "The panel shows its own results through other panels. Select another panel in one of their queries."
      : undefined;
    const wanted = new Set<PanelFeed>();
    for (const { panelId } of isCircle ? [] : references) {
      const other = request.requestOf(panelId);
      if (other === undefined) {
        problem ??= `There is no panel ${panelId} whose results could be shown.`;
        continue;
      }
      const feed = this.#feedOf(panelId);
      wanted.add(feed);
      if (!this.#referenced.has(feed))
        this.#referenced.set(
          feed,
          feed.watch(() => void this.#show()),
        );
      feed.requestForOther(other);
    }
    for (const [feed, leave] of this.#referenced) {
      if (wanted.has(feed)) continue;
      this.#referenced.delete(feed);
      leave();
    }
    return problem;
  }

  #referencedFrames(
    references: readonly PanelReference[],
    pick: (results: SharedResults) => SharedFrames,
  ): readonly Frame[] {
    return references.flatMap(({ panelId, withTransforms }) => {
      const feed = this.#feedOf(panelId);
      if (!this.#referenced.has(feed)) return [];
      const { frames, transformed } = pick(feed.results());
      return withTransforms ? transformed : frames;
    });
  }

  /** Computes and reports the frames if an input has changed since the last call. Never rejects. */
  async #show(): Promise<void> {
    try {
      await this.#showAnswers();
    } catch (error) {
      this.#publish({ ...this.#data, isLoading: false, error: `The results could not be shown: ${sentence(error)}` });
    }
  }

  async #showAnswers(): Promise<void> {
    const [request, answered] = [this.#latest, this.#answered];
    if (request === undefined || answered === undefined) return;
    const { panel, lookup, zone } = request;
    const referenced = [...this.#referenced.keys()].map((feed) => feed.data());
    const names = filledText(usedNames(panel).shown, lookup);
    const { answers: byRefId, failure: ofRequest, earlier } = answered;
    const made = [frameSettings(panel), byRefId, ofRequest, earlier, names, zone, ...referenced];
    const asOf = [answered, ...referenced].find((one) => one.asOf !== undefined)?.asOf;
    const failures = [
      ...[...answered.outcomes.values()].flatMap(({ failure: one }) => one ?? []),
      ...referenced.flatMap((one) => one.failures ?? []),
    ];
    if (made.length === this.#shown.length && made.every((part, at) => part === this.#shown[at])) {
      const range = this.#seenRange(answered, request.width);
      this.#publish({ ...this.#data, isLoading: false, range, asOf, failures });
      return;
    }
    this.#shown = made;
    const frozen = isFrozen(panel) ? await readFrozen(panel) : undefined;
    if (this.#shown !== made) return;
    const answers = frozen === undefined ? [...byRefId.values()] : [frozen];
    const references = panelReferencesOf(panel);
    const given = [
      ...answers.flatMap(({ frames }) => frames),
      ...this.#referencedFrames(references, (results) => results),
    ];
    const { frames: transformed, failure = ofRequest } = await transformedFrames(request, given);
    const then = await this.#earlierFrames(request, earlier, references);
    // Discards the result if the inputs have changed during the computation. A newer call computes the frames for the
    // new inputs.
    if (this.#shown !== made) return;
    this.#results = { frames: given, transformed, ...(then === undefined ? {} : { earlier: then }) };
    const { frames, failure: unset } = withSettings(transformed, request);
    const aligned = await then?.alignWith(frames);
    if (this.#shown !== made) return;
    const error = failure ?? unset ?? [...answers, ...referenced].find((one) => one.error !== undefined)?.error;
    this.#publish({
      isLoading: referenced.some(({ isLoading }) => isLoading),
      frames,
      earlier: aligned?.earlier,
      error,
      notices: [
        ...frames.flatMap(({ meta }) => meta?.notices ?? []),
        ...(then?.notices ?? []),
        ...(aligned?.notices ?? []),
      ],
      range: { from: answered.from, to: answered.to },
      asOf,
      failures,
    });
  }

  /**
   * Returns the shown time range if the new one differs by less than a pixel, so that the panel is not drawn again
   * without a visible change.
   */
  #seenRange({ from, to }: SentRequest, width: number): ResolvedTimeRange {
    const shown = this.#data.range;
    const pixelMs = (to - from) / Math.max(width, 1);
    const isSeen = shown === undefined || Math.max(Math.abs(shown.from - from), Math.abs(shown.to - to)) >= pixelMs;
    return isSeen ? { from, to } : shown;
  }

  /** Computes the frames of the earlier time range with the same transformations as the current frames. */
  async #earlierFrames(
    request: PanelRequest,
    earlier: Answered["earlier"],
    references: readonly PanelReference[],
  ): Promise<
    | (SharedFrames &
        Pick<PanelData, "notices"> & {
          /**
           * Returns the frames of the earlier time range, shifted to the times of the current frames. Never rejects.
           */
          alignWith: (now: readonly Frame[]) => Promise<Pick<PanelData, "earlier" | "notices">>;
        })
    | undefined
  > {
    if (earlier === undefined) return undefined;
    const { answers, period } = earlier;
    const shared = this.#referencedFrames(references, (results) => results.earlier ?? noResults);
    const found = [...answers.values()];
    const frames = [...found.flatMap((answer) => answer.frames), ...shared];
    const { frames: transformed, failure = earlier.failure } = await transformedFrames(request, frames);
    const problem = failure ?? found.find(({ error }) => error !== undefined)?.error;
    const noticed = (text: string): PanelData["notices"] => [{ severity: "warning", text: `${period.words}: ${text}` }];
    return {
      frames,
      transformed,
      notices: problem === undefined ? [] : noticed(problem),
      alignWith: async (now) => {
        try {
          const { withPresent } = await import("./earlier-frames.ts");
          return { earlier: withPresent(now, transformed, request, period), notices: [] };
        } catch (error) {
          return { earlier: undefined, notices: noticed(sentence(error)) };
        }
      },
    };
  }

  #publish(given: PanelData): void {
    const data = { ...given, waiting: given.isLoading ? (this.#running?.waiting ?? this.#variables) : undefined };
    const isSame = PUBLISHED.every((key) => data[key] === this.#data[key]);
    // The lists of failures are compared by their texts, because each request creates a new list.
    if (isSame && JSON.stringify(data.failures) === JSON.stringify(this.#data.failures)) return;
    this.#data = data;
    for (const listener of this.#listeners) listener();
  }

  /** Aborts the requests if neither a panel nor a listener uses this panel feed. */
  #abortIfUnused(): void {
    if (this.isInUse) return;
    this.#running?.control.abort();
    this.#running = undefined;
    this.#isQueued = false;
    this.#onChange();
    for (const leave of this.#referenced.values()) leave();
    this.#referenced.clear();
  }
}

/** Reads the data that a snapshot stores for a panel. The code is loaded with the first panel of a snapshot. */
async function readFrozen(panel: Panel): Promise<FrameAnswer | undefined> {
  const { frozenAnswer } = await import("../frozen-frames.ts");
  return frozenAnswer(panel);
}

/** Applies transformations. Their code is loaded when a panel needs it for the first time. */
async function transformedFrames(
  { panel, lookup, zone }: PanelRequest,
  frames: readonly Frame[],
): Promise<{ readonly frames: readonly Frame[]; readonly failure?: string }> {
  if (panel.transformations.every(({ disabled }) => disabled)) return { frames };
  try {
    const { transformPanel } = await import("./transform-panel.ts");
    return { frames: transformPanel(panel, frames, lookup, zone) };
  } catch (error) {
    return { frames, failure: `The transformations failed: ${sentence(error)}` };
  }
}

/** Applies the panel's field settings to frames. Returns no frames and an error message if that fails. */
function withSettings(
  frames: readonly Frame[],
  { panel, lookup, zone }: PanelRequest,
): { readonly frames: readonly Frame[]; readonly failure?: string } {
  try {
    return { frames: configuredFrames(frames, withUsualFields(panel), lookup, zone) };
  } catch (error) {
    return { frames: [], failure: `The panel's field settings could not be applied: ${sentence(error)}` };
  }
}

const unprepared = (error: unknown): string => `The panel's queries could not be prepared: ${sentence(error)}`;

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
