import { invalidParameter, parseRangeStart, parseTime } from "@narthex/http";

/** The parameters of a backtest. Times are in Unix ms. */
export interface BacktestForm {
  readonly fromMs: number;
  readonly toMs: number;
  /** Text of the rule file, and of its earlier version. */
  readonly rules: string;
  readonly against: string | undefined;
  /** Texts of the behaviour files of the two versions. */
  readonly behaviours: string | undefined;
  readonly againstBehaviours: string | undefined;
  /** Path of the rule file. The times of evaluations depend on the path. */
  readonly file: string;
  /** Text of an alertmanager.yml, and the Alertmanager's silences as JSON. */
  readonly alertmanager: string | undefined;
  readonly silences: string | undefined;
}

/** Largest length of a text in characters. */
const MAX_TEXT = 256 * 1024;
/** Longest time range, ms. */
const MAX_RANGE_MS = 31 * 86_400_000;

/** Reads the parameters of a backtest. Throws ApiError. */
export function readBacktestForm(values: URLSearchParams, now: number): BacktestForm {
  const [from, to] = [values.get("from") ?? "", values.get("to") ?? ""];
  const texts = {
    rules: textIn(values, "rules") ?? "",
    against: textIn(values, "against"),
    behaviours: textIn(values, "behaviours"),
    againstBehaviours: textIn(values, "against_behaviours"),
    alertmanager: textIn(values, "alertmanager"),
    silences: textIn(values, "silences"),
    file: textIn(values, "file") ?? "rules.yml",
  };
  if (texts.rules === "") throw invalidParameter("rules", "send the text of a rule file");
  if (texts.silences !== undefined && texts.alertmanager === undefined)
    throw invalidParameter("silences", "send the parameter alertmanager, too");
  return { ...texts, ...rangeOf(from, to, now) };
}

function textIn(values: URLSearchParams, name: string): string | undefined {
  const text = values.get(name) ?? "";
  if (text.length > MAX_TEXT) throw invalidParameter(name, `the text has more than ${MAX_TEXT} characters`);
  return text === "" ? undefined : text;
}

function rangeOf(from: string, to: string, now: number): Pick<BacktestForm, "fromMs" | "toMs"> {
  const end = to === "" ? now : parseTime(to);
  if (end === undefined) throw invalidParameter("to", `${shown(to)} is not a time`);
  const start = parseRangeStart(from, end);
  if (start === undefined) throw invalidParameter("from", `${shown(from)} is not a time or a duration such as 7d`);
  if (start >= end) throw invalidParameter("from", "the time must be before the end of the range");
  if (end - start > MAX_RANGE_MS) throw invalidParameter("from", "the range is longer than 31 days");
  return { fromMs: Math.floor(start), toMs: Math.floor(end) };
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 100));
