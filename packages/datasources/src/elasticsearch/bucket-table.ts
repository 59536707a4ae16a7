import { columnOf, type Field, type Frame, type Labels, typeOfValues } from "@narthex/dashboards";
import { MAX_COLUMNS } from "../column-limit.ts";
import { textAt, textsAt } from "../json-values.ts";
import type { ValueBudget } from "../value-budget.ts";
import { QueryFailure } from "../query-failure.ts";
import { type Bucket, metricValues, type MetricValue } from "./bucket-values.ts";
import { metricName } from "./series-name.ts";
import type { BucketAggregation, ElasticsearchTarget, Metric } from "./target.ts";

/** A table with a row for each innermost bucket, and columns for the keys of its groups and for the metrics. */
export class BucketTable {
  readonly #target: ElasticsearchTarget;
  readonly #budget: ValueBudget;
  /** Values by the name of the column. A column may be shorter than the table. */
  readonly #columns = new Map<string, unknown[]>();
  /** Names of the columns with keys of groups. */
  readonly #keys = new Set<string>();
  rows = 0;

  constructor(target: ElasticsearchTarget, budget: ValueBudget) {
    this.#target = target;
    this.#budget = budget;
  }

  add(labels: Labels, group: BucketAggregation, { value, content }: Bucket): void {
    const row = this.rows++;
    for (const name of Object.keys(labels).sort()) this.#setKey(name, row, labels[name]!);
    this.#setKey(group.field || "filter", row, value);
    for (const metric of this.#target.metrics)
      for (const [name, number] of this.#named(metric, metricValues(metric, content))) this.#set(name, row, number);
  }

  frame(refId: string): Frame {
    const fields = [...this.#columns].map(([name, values]): Field => {
      this.#budget.take(this.rows - values.length);
      const all = Array.from({ length: this.rows }, (_, row) => values[row]);
      const isKey = this.#keys.has(name);
      return columnOf(
        { name, ...(isKey && { config: { filterable: true } }) },
        isKey ? typeOfValues(all) : "number",
        all,
      );
    });
    return { refId, length: this.rows, fields };
  }

  #setKey(name: string, row: number, value: string | number): void {
    this.#keys.add(name);
    this.#set(name, row, value);
  }

  #set(name: string, row: number, value: unknown): void {
    let column = this.#columns.get(name);
    if (column === undefined) {
      if (this.#columns.size === MAX_COLUMNS)
        throw new QueryFailure(422, `the table has more than ${MAX_COLUMNS} columns; ask for fewer groups or metrics`);
      this.#columns.set(name, (column = []));
    }
    // The cells of rows without a value also take memory.
    this.#budget.take(row + 1 - column.length);
    while (column.length < row) column.push(undefined);
    column[row] = value;
  }

  /** Returns the values of a metric with the names of their columns. */
  #named(metric: Metric, values: readonly MetricValue[]): readonly (readonly [string, number | undefined])[] {
    const { type, field, settings } = metric;
    const name = metricName(type);
    switch (type) {
      case "count":
        return values.map(({ value }) => [name, value]);
      case "percentiles":
        return values.map((one) => [`${one.type} ${field}`, one.value]);
      case "extended_stats":
        return values.map((one, i) => [i === 0 ? name : metricName(one.type), one.value]);
      case "top_metrics": {
        const isOne = textsAt(settings, "metrics").length === 1;
        return values.map((one) => [isOne ? name : `${name} ${one.field}`, one.value]);
      }
    }
    const isAlone = this.#target.metrics.filter((other) => other.type === type).length === 1;
    const script = type === "bucket_script" ? textAt(settings, "script") : "";
    return values.map(({ value }) => [isAlone ? name : script || `${name} ${field}`, value]);
  }
}
