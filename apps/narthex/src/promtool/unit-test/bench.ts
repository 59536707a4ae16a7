import { type Labels, Labels as LabelSet } from "@narthex/model";
import { createEngine, type Expr, forEachSample, parseExpression, printExpression, QueryError } from "@narthex/promql";
import { parseScript, ScriptError } from "@narthex/promql/testing";
import { type QueryElement, RuleError, RuleGroup, type GroupSpec, type RuleQuery } from "@narthex/rules";
import { createLogger, type Host } from "@narthex/runtime";
import { createSampleBatch } from "@narthex/storage";
import { wordsOf, writeStale } from "@narthex/model";
import { MemoryStorage } from "@narthex/storage/testing";
import type { InputSeries, TestGroup } from "./test-file.ts";

/** Input that cannot be loaded; the message says why. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Storage, engine and rule groups of one test group. */
export interface Bench {
  readonly groups: readonly RuleGroup[];
  /** Evaluates an expression's text; rejects with RuleError. */
  ask(text: string, timeMs: number): Promise<readonly QueryElement[]>;
}

/** Sets up one test group: its input loaded, its rules ready to be evaluated. Throws InputError. */
export async function openBench(
  host: Host,
  test: TestGroup,
  specs: ReadonlyMap<string, readonly GroupSpec[]>,
  intervalMs: number,
): Promise<Bench> {
  const storage = new MemoryStorage();
  const spacing = test.intervalMs === 0 ? intervalMs : test.intervalMs;
  await loadInput(storage, test.inputSeries, spacing, test.startMs);
  const engine = createEngine({ clock: host.clock, defaultEvalIntervalMs: intervalMs });
  const query: RuleQuery = async (expr, time, signal) => {
    try {
      const result = await engine.query({ queryable: storage, expr, text: printExpression(expr), time, signal });
      if (result.type !== "vector" && result.type !== "scalar") {
        throw new RuleError("rule result is not a vector or scalar");
      }
      const elements: QueryElement[] = [];
      for (const series of result.series) {
        const labels: Labels = result.type === "scalar" ? LabelSet.EMPTY : series.labels;
        forEachSample(series, (_time, value, histogram) => elements.push({ labels, value, histogram }));
      }
      return elements;
    } catch (error) {
      if (error instanceof QueryError) throw new RuleError(error.message, { cause: error });
      throw error;
    }
  };
  const around = {
    clock: host.clock,
    logger: createLogger({ level: "error", format: "logfmt", clock: host.clock, write: () => undefined }),
    query,
    storage,
    history: storage,
    notify: () => undefined,
    timers: { rule: () => undefined, group: () => undefined },
    externalUrl: test.externalUrl,
    resendDelayMs: 60_000,
    restore: { outageToleranceMs: 0, gracePeriodMs: 0 },
  };
  const defaults = { intervalMs, queryOffsetMs: 0, externalLabels: test.externalLabels };
  const groups = [...specs].flatMap(([file, list]) =>
    list.map((spec) => new RuleGroup(file, spec, defaults, around, false)),
  );
  return { groups, ask: (text, timeMs) => query(parsed(text), timeMs, new AbortController().signal) };
}

function parsed(text: string): Expr {
  const result = parseExpression(text);
  if (!result.ok) throw new RuleError(result.errors[0].toString());
  return result.expr;
}

async function loadInput(
  storage: MemoryStorage,
  input: readonly InputSeries[],
  spacingMs: number,
  startMs: number,
): Promise<void> {
  if (input.length === 0) return;
  const script = `load ${spacingMs}ms\n${input.map(({ series, values }) => `  ${series} ${values}`).join("\n")}\n`;
  const appender = storage.appender();
  for (const { labels, values } of loadedSeries(script)) {
    const ref = appender.series(labels);
    const batch = createSampleBatch(values.length);
    const words = wordsOf(batch.values);
    values.forEach((value, i) => {
      const timestamp = startMs + i * spacingMs;
      if (value.kind === "histogram") appender.appendHistogram(ref, timestamp, value.histogram);
      if (value.kind !== "float" && value.kind !== "stale") return;
      batch.refs[batch.count] = ref;
      batch.timestamps[batch.count] = timestamp;
      if (value.kind === "float") batch.values[batch.count] = value.value;
      else writeStale(words, batch.count);
      batch.count++;
    });
    appender.append(batch);
  }
  await appender.commit();
}

/** The series of a `load` in the notation of PromQL test scripts. Throws InputError. */
export function loadedSeries(
  script: string,
): Extract<ReturnType<typeof parseScript>[number], { kind: "load" }>["series"] {
  try {
    const command = parseScript(script)[0];
    return command?.kind === "load" ? command.series : [];
  } catch (error) {
    if (error instanceof ScriptError) throw new InputError(error.message, { cause: error });
    throw error;
  }
}
