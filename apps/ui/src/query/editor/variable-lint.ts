import { EditorState } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { LintStrategy } from "@prometheus-io/codemirror-promql";
import type { EditorVariable } from "./built-in-variables.ts";
import { promql } from "./extensions.ts";

const VARIABLE = /\$(?:(\w+)|\{(\w+)\})/g;

/** Returns a text of the same length in which the known variables are replaced by values. */
export function withStandIns(text: string, variables: readonly EditorVariable[]): string {
  const values = new Map(variables.map(({ name, isDuration }) => [name, isDuration === true ? "1m" : "1"]));
  return text.replaceAll(VARIABLE, (found, plain?: string, braced?: string) => {
    const value = values.get(plain ?? braced ?? "");
    return value === undefined ? found : value.padEnd(found.length);
  });
}

/** Returns a linter that does not report known variables as errors. The other errors have their usual places. */
export function lintWithVariables(linter: LintStrategy, variables: readonly EditorVariable[]): LintStrategy {
  return {
    promQL: () => (view) => {
      const text = view.state.doc.toString();
      const valued = withStandIns(text, variables);
      if (valued === text) return linter.promQL()(view);
      const state = EditorState.create({ doc: valued, extensions: promql });
      return linter.promQL()({ state } as EditorView);
    },
  };
}
