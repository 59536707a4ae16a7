import {
  type Codec,
  decimal,
  decodeNode,
  field,
  type FieldPositions,
  integer,
  listOf,
  type Loaded,
  mapOf,
  millis,
  oneOf,
  optional,
  parseYamlInSteps,
  type Position,
  type Report,
  section,
  text,
} from "@narthex/config";
import { formatDuration } from "@narthex/model";
import { runToEnd, type Steps } from "@narthex/runtime";
import { type FlapDamping, ON_NO_DATA, type OnNoData } from "./alert-behaviour.ts";

interface RawEntry {
  readonly alert: string;
  readonly group: string;
  readonly file: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly onNoData: OnNoData | undefined;
  readonly data: string | undefined;
  readonly recoveryThreshold: number | undefined;
  readonly recoveryExpr: string | undefined;
  readonly damping: FlapDamping | undefined;
}

/** An entry of a behaviour file: which alerts it is for, and how they behave. */
export interface BehaviourEntry extends RawEntry {
  /** The file that contains the entry. */
  readonly source: string;
  readonly at: FieldPositions<RawEntry>;
}

/** Largest file, in characters, and largest number of entries of all files. */
const MAX_FILE_LENGTH = 4 << 20;
export const MAX_ENTRIES = 5000;
const MAX_CHANGES = 100;
const MAX_WINDOW_MS = 30 * 86_400_000;

const damping = section<FlapDamping>(
  "flap_damping",
  { maxChanges: field("max_changes", integer, 0), windowMs: field("window", millis, 0) },
  (value, at, report) => {
    if (value.maxChanges < 2 || value.maxChanges > MAX_CHANGES) {
      const hint = `write a number from 2 to ${MAX_CHANGES}; a start and an end are two changes`;
      report(at.maxChanges, "max-changes", `max_changes is ${value.maxChanges}`, hint);
    }
    if (value.windowMs <= 0 || value.windowMs > MAX_WINDOW_MS) {
      const hint = `write a duration up to ${formatDuration(MAX_WINDOW_MS)}, such as 1h`;
      report(at.windowMs, "window", `window is ${formatDuration(value.windowMs)}`, hint);
    }
    return value;
  },
);

const onNoData: Codec<OnNoData> = oneOf(ON_NO_DATA, (found) => `unknown value ${JSON.stringify(found)}`);

const entrySection = (source: string): Codec<BehaviourEntry> =>
  section<RawEntry, BehaviourEntry>(
    "behaviour",
    {
      alert: field("alert", text, ""),
      group: field("group", text, ""),
      file: field("file", text, ""),
      labels: field("labels", mapOf(text, "map[string]string"), new Map()),
      onNoData: optional("on_no_data", onNoData),
      data: optional("data", text),
      recoveryThreshold: optional("recovery_threshold", decimal),
      recoveryExpr: optional("recovery_expr", text),
      damping: optional("flap_damping", damping),
    },
    (raw, at, report) => {
      checkEntry(raw, at, report);
      return { ...raw, at, source };
    },
  );

function checkEntry(raw: RawEntry, at: FieldPositions<RawEntry>, report: Report): void {
  const { recoveryThreshold, recoveryExpr } = raw;
  if (raw.alert === "") report(at.alert, "no-alert", "the entry names no alert", "write alert: and the name of a rule");
  if (recoveryThreshold !== undefined && recoveryExpr !== undefined)
    report(
      at.recoveryExpr,
      "two-recoveries",
      "the entry has both recovery_threshold and recovery_expr",
      "remove one of the two",
    );
  if (recoveryThreshold !== undefined && !Number.isFinite(recoveryThreshold))
    report(at.recoveryThreshold, "threshold", `recovery_threshold is ${recoveryThreshold}`, "write a finite number");
  const hasBehaviour = [raw.onNoData, recoveryThreshold, recoveryExpr, raw.damping].some((one) => one !== undefined);
  if (!hasBehaviour) {
    const hint = "write on_no_data, recovery_threshold, recovery_expr or flap_damping";
    report(at.self, "no-behaviour", "the entry sets no behaviour", hint);
  }
}

const fileSection = (source: string): Codec<readonly BehaviourEntry[]> =>
  section<{ readonly behaviours: readonly BehaviourEntry[] }, readonly BehaviourEntry[]>(
    "behaviours",
    { behaviours: field("behaviours", listOf(entrySection(source), { nullItem: "empty entry" }), []) },
    ({ behaviours }, at, report) => {
      if (behaviours.length > MAX_ENTRIES) reportTooMany(at.self, report);
      return behaviours;
    },
  );

const reportTooMany = (at: Position, report: Report): void =>
  report(at, "too-many", `there are more than ${MAX_ENTRIES} entries`, "remove entries");

/** Parses the text of a behaviour file, and reports all problems together. */
export const parseBehaviourFile = (source: string, file: string): Loaded<readonly BehaviourEntry[]> =>
  runToEnd(parseBehaviourFileInSteps(source, file));

/** Parses as parseBehaviourFile() does. A step reads some of the text. */
export function* parseBehaviourFileInSteps(source: string, file: string): Steps<Loaded<readonly BehaviourEntry[]>> {
  if (source.length > MAX_FILE_LENGTH) {
    const message = `the file is longer than ${MAX_FILE_LENGTH} characters`;
    return { ok: false, problems: [{ file, line: 0, column: 0, code: "too-long", message, hint: "divide it" }] };
  }
  const { root, problems } = yield* parseYamlInSteps(source, file);
  if (problems.length > 0) return { ok: false, problems };
  return decodeNode(root ?? { kind: "map", entries: [], line: 1, column: 1 }, file, fileSection(file));
}
