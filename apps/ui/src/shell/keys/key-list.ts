import { EDIT_KEYS, PANEL_KEYS, TIME_KEYS } from "./key-table.ts";

/** Keys with the same effect, and the effect. `+` joins keys that are pressed together. */
interface ListedKeys {
  /** Each text is one way: `Ctrl+K`, or `t z` for two keys one after the other. */
  readonly ways: readonly string[];
  readonly text: string;
}

interface KeySection {
  readonly name: string;
  readonly keys: readonly ListedKeys[];
}

type Row = { readonly keys: string; readonly action: string; readonly text?: string };

const listed = (rows: readonly Row[]): readonly ListedKeys[] =>
  rows.flatMap(({ action, text }) =>
    text === undefined ? [] : [{ text, ways: rows.filter((row) => row.action === action).map(({ keys }) => keys) }],
  );

/** Names of keys that have a sign of their own. */
const SIGNS: Readonly<Record<string, string>> = { ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };

/** Returns the keys of a way, with the names that keyboards have: `t z` becomes `t`, `z`. */
export const keyNames = (way: string): readonly string[] => way.split(" ").map((key) => SIGNS[key] ?? key);

/** All keys of the pages, by the place in which they work. */
export const keySections = (control: "Ctrl" | "⌘"): readonly KeySection[] => [
  {
    name: "Every page",
    keys: [
      { ways: [`${control}+K`], text: "Find dashboards, pages, metrics and documentation" },
      { ways: ["?"], text: "Show this list" },
    ],
  },
  {
    name: "Expressions",
    keys: [
      { ways: ["Enter"], text: "Run the query, or accept the selected suggestion" },
      { ways: ["Shift+Enter"], text: "Begin a new line" },
      { ways: ["Ctrl+Space"], text: "Show suggestions" },
      { ways: ["Tab"], text: "Accept the first suggestion for a word" },
      { ways: ["Escape"], text: "Close the suggestions, then leave the field" },
    ],
  },
  { name: "Time range", keys: listed(TIME_KEYS) },
  { name: "Panel under the pointer", keys: listed(PANEL_KEYS) },
  {
    name: "Dashboard that is edited",
    keys: [
      { ways: [`${control}+S`], text: "Save" },
      { ways: [`${control}+Z`], text: "Undo" },
      { ways: [`${control}+Shift+Z`, `${control}+Y`], text: "Redo" },
      ...listed(EDIT_KEYS),
    ],
  },
];
