import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import type { CompleteStrategy } from "@prometheus-io/codemirror-promql";
import { type EditorVariable, WINDOWS } from "./built-in-variables.ts";

/** Gives options a rank, so that the list has the order of the array. */
const ranked = (options: readonly Completion[]): readonly Completion[] =>
  options.map((option, at) => ({ ...option, boost: 99 - Math.min(at, 99) }));

const optionOf = ({ name, info }: EditorVariable): Completion => ({ label: `$${name}`, info, type: "variable" });

/** Reports whether a position is in the text of a string or of a comment. */
const isInText = ({ state, pos }: CompletionContext): boolean =>
  /^(?:StringLiteral|LineComment)$/.test(syntaxTree(state).resolveInner(pos, -1).name);

/**
 * Completes names of variables after a `$`, also in strings, and windows after an opening square bracket. For all other
 * places, asks the inner strategy.
 */
export class VariableCompletion implements CompleteStrategy {
  readonly #inner: CompleteStrategy;
  readonly #names: readonly Completion[];
  readonly #windows: readonly Completion[];

  constructor(inner: CompleteStrategy, variables: readonly EditorVariable[]) {
    this.#inner = inner;
    this.#names = ranked(variables.map(optionOf));
    const durations = variables.filter(({ isDuration }) => isDuration === true);
    this.#windows = ranked([...durations.map(optionOf), ...WINDOWS.map((label) => ({ label }))]);
  }

  destroy(): void {
    this.#inner.destroy?.();
  }

  async promQL(context: CompletionContext): Promise<CompletionResult | null> {
    return this.#variables(context) ?? this.#durations(context) ?? (await this.#inner.promQL(context));
  }

  #variables(context: CompletionContext): CompletionResult | undefined {
    const begun = context.matchBefore(/\$\{?\w*/);
    if (begun === null || this.#names.length === 0) return undefined;
    if (!begun.text.startsWith("${")) return { from: begun.from, options: this.#names, validFor: /^\$\w*$/ };
    // The editor has already closed the brace, so the completion replaces it.
    const { state, pos } = context;
    const to = state.sliceDoc(pos, pos + 1) === "}" ? pos + 1 : pos;
    const options = this.#names.map((name) => ({ ...name, label: `\${${name.label.slice(1)}}` }));
    return { from: begun.from, to, options };
  }

  #durations(context: CompletionContext): CompletionResult | undefined {
    if (context.matchBefore(/\[/) === null || isInText(context)) return undefined;
    return { from: context.pos, options: this.#windows, validFor: /^\$?\w*$/ };
  }
}
