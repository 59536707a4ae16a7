import { required, secret, text } from "./arguments.ts";
import { dataOf, type Tool } from "./tool.ts";

/** Largest length of a text, characters. */
const MAX_TEXT = 100_000;
/** Maximum numbers of entries of the answer: rules, alerts of a rule, and entries of every other list. */
const MAX_RULES = 100;
const MAX_OCCURRENCES = 10;
const MAX_ENTRIES = 50;

/** The range of a backtest whose caller has not chosen the beginning. */
const DEFAULT_FROM = "1d";

const NAMES = ["rules", "against", "from", "to", "alertmanager", "silences"] as const;

type Entries = readonly unknown[];

/** The parts of the API's report that can be long. */
interface Report {
  readonly rules: readonly { readonly occurrences?: Entries }[];
  readonly notifications?: Entries;
  readonly notNotified?: Entries;
  readonly differences?: {
    readonly added: Entries;
    readonly lost: Entries;
    readonly notifications?: { readonly added: Entries; readonly lost: Entries };
  };
}

/** Evaluates rules over stored samples. The server's route has the limits, and refuses if its flag is not set. */
export const backtest: Tool = {
  name: "backtest",
  about:
    "Evaluates the text of a rule file over stored samples, and returns when its alerts would have fired. With an " +
    "alertmanager.yml, also which notifications would have been sent. Changes nothing. The server needs --web.enable-backtest.",
  parameters: {
    rules: required(text("Text of the rule file (YAML with groups).", MAX_TEXT)),
    against: text("Text of an earlier version of the rule file, to compare with.", MAX_TEXT),
    from: text(`Start: a time, or a duration before the end such as 6h. Default: ${DEFAULT_FROM}. At most 31d.`, 40),
    to: text("End: a time in RFC 3339 or in Unix seconds. Default: now.", 40),
    alertmanager: secret(text("Text of an alertmanager.yml, for notifications. Leave out its secrets.", MAX_TEXT)),
    silences: text("Silences as the JSON list of the Alertmanager's API; needs alertmanager.", MAX_TEXT),
  },
  async run(args, context) {
    const form = new URLSearchParams({ from: DEFAULT_FROM });
    for (const name of NAMES) {
      const value = args.text(name);
      if (value !== undefined) form.set(name, value);
    }
    return shortened(dataOf(await context.backtest(form)) as Report);
  },
};

/** Returns a report with the first entries of each list. The end of a list that was cut says how many are missing. */
function shortened({ rules, differences, ...report }: Report) {
  return {
    ...shortLists(report),
    // Differences are short and are the question of a comparison, so that they come first.
    ...(differences !== undefined && {
      differences: {
        ...shortLists(differences),
        ...(differences.notifications !== undefined && { notifications: shortLists(differences.notifications) }),
      },
    }),
    rules: firstOf(
      rules.map((rule) => shortLists(rule, MAX_OCCURRENCES)),
      MAX_RULES,
    ),
  };
}

/** Returns an object whose lists have only their first entries. */
const shortLists = (object: object, most = MAX_ENTRIES): object =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, Array.isArray(value) ? firstOf(value, most) : value]),
  );

const firstOf = (list: Entries, most: number): Entries =>
  list.length <= most ? list : [...list.slice(0, most), `${list.length - most} more entries are not shown`];
