import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { newCompleteStrategy } from "@prometheus-io/codemirror-promql";
import type { CompleteStrategy } from "@prometheus-io/codemirror-promql";
import { apiPath } from "../../api/root-path.ts";
import { readHistory } from "../history.ts";
import type { EditorOptions } from "./extensions.ts";
import { VariableCompletion } from "./variable-completion.ts";

const shownLength = 80;

/** Completes metrics and labels of the server. At the start of the text, it also suggests earlier expressions. */
class HistoryCompletion implements CompleteStrategy {
  readonly #inner: CompleteStrategy;

  constructor(inner: CompleteStrategy) {
    this.#inner = inner;
  }

  destroy(): void {
    this.#inner.destroy?.();
  }

  async promQL(context: CompletionContext): Promise<CompletionResult | null> {
    const found = await this.#inner.promQL(context);
    const { state, pos } = context;
    const from = found?.from ?? state.doc.lineAt(pos).from;
    if (from !== 0) return found;
    const past = readHistory().map((expr, index) => ({
      label: expr.length < shownLength ? expr : `${expr.slice(0, shownLength)}…`,
      detail: "past query",
      // Newer expressions rank higher. Expressions rank higher than names that match equally well.
      boost: Math.max(0, 40 - index),
      apply: expr,
      ...(expr.length < shownLength ? {} : { info: expr }),
    }));
    if (found === null)
      return past.length === 0 ? null : { from, to: pos, options: past, validFor: /^[a-zA-Z0-9_:]+$/ };
    return { ...found, options: [...past, ...found.options] };
  }
}

export function completionStrategy(
  options: Pick<EditorOptions, "history" | "metricNames" | "completionUrl" | "variables">,
): CompleteStrategy {
  const remote = newCompleteStrategy({
    remote: { url: options.completionUrl ?? apiPath, cache: { initialMetricList: [...options.metricNames] } },
  });
  return new VariableCompletion(options.history ? new HistoryCompletion(remote) : remote, options.variables);
}
