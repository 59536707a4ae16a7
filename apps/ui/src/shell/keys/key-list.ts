import { type ActionOf, EDIT_KEYS, PANEL_KEYS, TIME_KEYS } from "./key-table.ts";

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

const TIME_TEXTS: Readonly<Record<ActionOf<typeof TIME_KEYS>, string>> = {
  back: "Move the time range back",
  forward: "Move the time range forward",
  zoomOut: "Zoom out",
  zoomIn: "Zoom in",
  absolute: "Keep the shown times, so that the range does not move on",
  copy: "Copy the time range",
  paste: "Paste a time range",
};

const PANEL_TEXTS: Readonly<Record<ActionOf<typeof PANEL_KEYS>, string>> = {
  view: "Show the panel alone",
  edit: "Edit the panel",
  inspect: "Inspect the data of the panel",
  explore: "Explore the queries of the panel",
  changes: "Show what changed in the time range",
  share: "Share the panel",
  legend: "Show or hide the legend",
  duplicate: "Duplicate the panel",
  remove: "Remove the panel",
  back: "Go back to the dashboard",
  kiosk: "Show or hide everything around the dashboard",
};

const EDIT_TEXTS: Readonly<Record<ActionOf<typeof EDIT_KEYS>, string>> = {
  settings: "Open the settings of the dashboard",
  openRows: "Open all rows",
  closeRows: "Close all rows",
};

/** Returns the rows of a table of keys, one for each action. */
const listed = <Action extends string>(
  keys: Readonly<Record<string, Action>>,
  texts: Readonly<Record<Action, string>>,
): readonly ListedKeys[] =>
  (Object.keys(texts) as Action[]).map((action) => ({
    text: texts[action],
    ways: Object.keys(keys).filter((way) => keys[way] === action),
  }));

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
  { name: "Time range", keys: listed(TIME_KEYS, TIME_TEXTS) },
  { name: "Panel under the pointer", keys: listed(PANEL_KEYS, PANEL_TEXTS) },
  {
    name: "Dashboard that is edited",
    keys: [
      { ways: [`${control}+S`], text: "Save" },
      { ways: [`${control}+Z`], text: "Undo" },
      { ways: [`${control}+Shift+Z`, `${control}+Y`], text: "Redo" },
      ...listed(EDIT_KEYS, EDIT_TEXTS),
    ],
  },
];
