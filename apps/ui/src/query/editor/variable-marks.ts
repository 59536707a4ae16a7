import { type Extension, Prec } from "@codemirror/state";
import { Decoration, MatchDecorator, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { EditorVariable } from "./built-in-variables.ts";

const mark = Decoration.mark({ class: "cm-variable" });

/**
 * Colours `$name`, `${name:format}` and `[[name]]` of known variables. Variables are not PromQL, so without this colour
 * they look like errors. Unknown names keep the colour of errors.
 */
export function variableMarks(variables: readonly EditorVariable[]): Extension {
  if (variables.length === 0) return [];
  const names = new Set(variables.map(({ name }) => name));
  const matcher = new MatchDecorator({
    regexp: /\$(\w+)|\$\{(\w+)(?:[:.][^{}]*)?\}|\[\[(\w+)(?::\w+)?\]\]/g,
    decoration: ([, plain, braced, bracketed]) => (names.has(plain ?? braced ?? bracketed ?? "") ? mark : null),
  });
  const marks = ViewPlugin.define(
    (view) => ({
      marks: matcher.createDeco(view),
      update(change: ViewUpdate) {
        this.marks = matcher.updateDeco(change, this.marks);
      },
    }),
    { decorations: (plugin) => plugin.marks },
  );
  // Marks of the highest precedence are inside of the others, so that their colour counts.
  return Prec.highest(marks);
}
