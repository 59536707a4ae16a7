import { type Grid, type Labels, Matcher, METRIC_NAME } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { Selection } from "../selection.ts";
import {
  heldBytes,
  materialize,
  type MaterializedVector,
  hasSamples,
  release,
  replay,
} from "../operators/materialized-vector.ts";
import { mergeEqual } from "../operators/merge.ts";
import {
  ABSENT,
  createSeriesColumn,
  FLOAT,
  HISTOGRAM,
  type OutputSeries,
  type SeriesColumn,
  type VectorOperator,
  histogramSlots,
} from "../operators/operator.ts";
import { select } from "../operators/select.ts";
import { executionError } from "../query-error.ts";
import type { Planner } from "./planner.ts";
import { withoutParens } from "./literals.ts";
import type { Call, Expr, SubqueryExpr, VectorSelector } from "../syntax/ast.ts";
import { walk } from "../syntax/walk.ts";

/** Labels by which a series is matched with the info series of its target. */
const IDENTIFYING = ["instance", "job"];

interface InfoQuery {
  /** Matchers that select the info metrics. */
  readonly names: readonly Matcher[];
  /** Matchers for the labels to add. Only the labels in matchers are added; without matchers, all labels are added. */
  readonly data: readonly Matcher[];
}

function infoQueryOf(expr: Call): InfoQuery {
  const second = expr.args[1] === undefined ? undefined : withoutParens(expr.args[1]);
  const matchers = second?.kind === "vectorSelector" ? second.matchers : [];
  const written = matchers.filter(({ name }) => name === METRIC_NAME);
  const data = matchers.filter(({ name }) => name !== METRIC_NAME);
  if (written.length === 0) return { names: [new Matcher("=", METRIC_NAME, "target_info")], data };
  const positive = written.some(({ type }) => type === "=" || type === "=~");
  return { names: positive ? written : [new Matcher("=~", METRIC_NAME, ".+_info"), ...written], data };
}

/**
 * Returns the times at which info series are read. These are the times of the first selector in the argument, moved by
 * the `@` and offset of the selector and of the subqueries around it.
 */
function infoMoments(argument: Expr, grid: Grid, planner: Planner): { first: number; stride: number } {
  let found: { readonly selector: VectorSelector; readonly path: readonly Expr[] } | undefined;
  walk(argument, (expr, path) => {
    if (found === undefined && expr.kind === "vectorSelector") found = { selector: expr, path: [...path] };
    return found === undefined;
  });
  if (found === undefined) return { first: grid.start, stride: grid.step };
  const { selectors } = planner;
  let pinned = selectors.pinned(found.selector.at);
  let offset = selectors.offsetOf(found.selector);
  const around = found.path.filter((expr): expr is SubqueryExpr => expr.kind === "subquery").toReversed();
  for (const subquery of around) {
    if (pinned !== undefined) break;
    offset += selectors.offsetOf(subquery);
    pinned = selectors.pinned(subquery.at);
  }
  return pinned === undefined
    ? { first: grid.start - offset, stride: grid.step }
    : { first: pinned - offset, stride: 0 };
}

/** Implements info(v, {…}): adds the labels of info series to series with the same instance and job. */
export function planInfo(expr: Call, grid: Grid, evaluation: Evaluation, planner: Planner): VectorOperator {
  const query = infoQueryOf(expr);
  const moments = infoMoments(expr.args[0]!, grid, planner);
  const input = planner.vector(expr.args[0]!, grid, expr.func);
  const selection = evaluation.claim({
    matchers: [...query.names, ...query.data],
    start: moments.first - evaluation.lookbackMs + 1,
    end: moments.first + moments.stride * (grid.count - 1),
    step: grid.step,
    range: 0,
    func: "info",
  });
  let held: Pick<VectorOperator, "next"> | undefined;
  return {
    async prepare(signal) {
      const base = await materialize(input, grid.count, evaluation, signal);
      const enriched = new Enrichment(query, grid.count);
      await enriched.load(
        base,
        selection,
        (narrowed) =>
          evaluation.recorder.recordVector(expr.args, grid.count, select(evaluation, narrowed, grid, moments)),
        (narrowed) => select(evaluation, narrowed, grid, moments, "timestamp"),
        evaluation,
        signal,
      );
      const result = mergeEqual(enriched.apply(base), "merge");
      release(base, evaluation);
      evaluation.budget.take(0, heldBytes(result));
      held = replay(result, evaluation);
      return result.series;
    },
    next: (out) => held?.next(out) ?? false,
    close() {
      held = undefined;
      input.close();
    },
  };
}

/** The info series by metric name and target. Determines which info series is valid at each evaluation time. */
class Enrichment {
  readonly #query: InfoQuery;
  readonly #steps: number;
  #series: readonly OutputSeries[] = [];
  /** For each info metric and each target, the index of the newest info series at each evaluation time, or -1. */
  readonly #newest = new Map<string, Map<string, Int32Array>>();

  constructor(query: InfoQuery, steps: number) {
    this.#query = query;
    this.#steps = steps;
  }

  /** Returns whether a series is itself an info series, to which info() adds no labels. */
  #isInfo(labels: Labels): boolean {
    const name = labels.get(METRIC_NAME);
    return this.#query.names.every((matcher) => matcher.matches(name));
  }

  async load(
    base: MaterializedVector,
    selection: Selection,
    values: (selection: Selection) => VectorOperator,
    times: (selection: Selection) => VectorOperator,
    evaluation: Evaluation,
    signal: AbortSignal,
  ): Promise<void> {
    const known = new Map<string, Set<string>>();
    for (const [i, { labels }] of base.series.entries()) {
      if (this.#isInfo(labels) || !hasSamples(base.columns[i]!)) continue;
      for (const name of IDENTIFYING) {
        const value = labels.get(name);
        if (value !== "") known.set(name, (known.get(name) ?? new Set()).add(value));
      }
    }
    if (known.size === 0) return;
    const narrowed = narrowedTo(selection, known);
    const infos = await materialize(values(narrowed), this.#steps, evaluation, signal);
    const histogram = infos.columns.findIndex(({ present }) => present.includes(HISTOGRAM));
    if (histogram >= 0) {
      throw executionError(
        `this should be an info metric, with float samples: ${infos.series[histogram]!.labels.toString()}`,
      );
    }
    const { budget } = evaluation;
    const { totalQueryable, read } = budget;
    const taken = await materialize(times(narrowed), this.#steps, evaluation, signal);
    // Restores the counts of the budget, because these samples were already counted when their values were read.
    Object.assign(budget, { totalQueryable, read });
    this.#series = taken.series;
    const needed = stepsOf(base, this.#steps);
    taken.columns.forEach((column, index) => this.#place(index, column, taken.columns, needed));
    release(infos, evaluation);
    release(taken, evaluation);
  }

  /**
   * Records an info series as the newest one of its target. Throws an error if two info series are equally new and
   * there are series to which labels are added.
   */
  #place(index: number, column: SeriesColumn, columns: readonly SeriesColumn[], needed: Uint8Array): void {
    const { labels } = this.#series[index]!;
    const name = labels.get(METRIC_NAME);
    const bySource = this.#newest.get(name) ?? new Map<string, Int32Array>();
    this.#newest.set(name, bySource);
    const source = sourceOf(labels);
    const newest = bySource.get(source) ?? new Int32Array(this.#steps).fill(-1);
    bySource.set(source, newest);
    for (let step = 0; step < this.#steps; step++) {
      if (column.present[step] === ABSENT || needed[step] === 0) continue;
      const rival = newest[step]!;
      const time = column.values[step]!;
      const rivalTime = rival < 0 ? -Infinity : columns[rival]!.values[step]!;
      if (rivalTime === time) {
        throw executionError(
          `found duplicate series for info metric: existing ${this.#series[rival]!.labels.toString()} @ ${rivalTime * 1000}, ` +
            `new ${labels.toString()} @ ${time * 1000}`,
        );
      }
      if (time > rivalTime) newest[step] = index;
    }
  }

  /**
   * Returns the series of the first argument with their additional labels. If the info labels of a series change over
   * time, the result has several series.
   */
  apply(base: MaterializedVector): MaterializedVector {
    const series: OutputSeries[] = [];
    const columns: SeriesColumn[] = [];
    base.series.forEach((output, index) => {
      const column = base.columns[index]!;
      if (this.#isInfo(output.labels)) {
        series.push(output);
        columns.push(column);
        return;
      }
      this.#enrich(output, column, series, columns);
    });
    return { series, columns, weights: columns.map(() => 0) };
  }

  #enrich(output: OutputSeries, column: SeriesColumn, series: OutputSeries[], columns: SeriesColumn[]): void {
    const source = sourceOf(output.labels);
    const perMetric = [...this.#newest.values()]
      .map((bySource) => bySource.get(source))
      .filter((newest) => newest !== undefined);
    const variants = new Map<string, number>();
    for (let step = 0; step < this.#steps; step++) {
      if (column.present[step] === ABSENT) continue;
      const infos = perMetric.map((newest) => newest[step]!).filter((index) => index >= 0);
      const key = infos.join(",");
      let slot = variants.get(key);
      if (slot === undefined) {
        const labels = this.#labelsWith(output.labels, infos);
        slot = labels === undefined ? -1 : series.length;
        variants.set(key, slot);
        if (labels !== undefined) {
          series.push({ labels, dropName: output.dropName });
          columns.push(createSeriesColumn(this.#steps));
        }
      }
      if (slot >= 0) copySlot(column, columns[slot]!, step);
    }
  }

  /**
   * Returns labels extended by the labels of info series. Returns undefined if there is no info series but the query
   * requires one.
   */
  #labelsWith(labels: Labels, infos: readonly number[]): Labels | undefined {
    const { data } = this.#query;
    if (infos.length === 0) return data.every((matcher) => matcher.matchesEmpty) ? labels : undefined;
    const wanted = new Set(data.map(({ name }) => name));
    const added = new Map<string, string>();
    for (const index of infos) {
      for (const [name, value] of this.#series[index]!.labels) {
        if (name === METRIC_NAME || (wanted.size > 0 && !wanted.has(name))) continue;
        const other = added.get(name);
        if (other !== undefined && other !== value) throw executionError(`conflicting label: ${name}`);
        if (!labels.has(name)) added.set(name, value);
      }
    }
    return labels.with(added);
  }
}

/** Returns the evaluation times at which a vector has elements. */
function stepsOf({ columns }: MaterializedVector, steps: number): Uint8Array {
  const marks = new Uint8Array(steps);
  for (const { present } of columns)
    for (let step = 0; step < steps; step++) if (present[step] !== ABSENT) marks[step] = 1;
  return marks;
}

const sourceOf = (labels: Labels): string => labels.only(...IDENTIFYING).key;

/** Removes info series of unknown targets from a selection. */
const narrowedTo = (selection: Selection, known: ReadonlyMap<string, ReadonlySet<string>>): Selection => ({
  async series(signal) {
    const all = await selection.series(signal);
    const chosen = all.labels
      .map((_, i) => i)
      .filter((i) => [...known].every(([name, values]) => values.has(all.labels[i]!.get(name))));
    return {
      labels: chosen.map((i) => all.labels[i]!),
      read: (index, minTime, maxTime, into) => all.read(chosen[index]!, minTime, maxTime, into),
      warnings: all.warnings,
    };
  },
});

function copySlot(from: SeriesColumn, into: SeriesColumn, step: number): void {
  into.present[step] = from.present[step]!;
  into.values[step] = from.values[step]!;
  if (from.present[step] === HISTOGRAM) {
    (into.histograms ??= histogramSlots(from.present.length))[step] = from.histograms![step];
  } else {
    into.present[step] = FLOAT;
  }
}
