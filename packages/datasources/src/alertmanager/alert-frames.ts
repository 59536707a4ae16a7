import type { Field, Frame, JsonObject, Notice } from "@narthex/dashboards";
import { asObject, flagAt, listAt, objectAt, textAt, textsAt } from "../json-values.ts";
import type { AlertTarget } from "./alert-target.ts";

/**
 * Largest number of rows in a table of alerts. The limit is needed because Alertmanager's API returns all objects at
 * once.
 */
const MAX_ROWS = 5000;
/** Largest number of columns for labels and annotations in a table of alerts. */
const MAX_COLUMNS = 500;

/**
 * A JSON object in a response of Alertmanager's API, such as an alert. Each object becomes a row of the table. Its
 * properties are checked when they are read.
 */
type Row = JsonObject;

/**
 * Returns a table for a response of Alertmanager's API. The kind of the target (such as alerts or silences) determines
 * the columns.
 */
export function alertFrame(refId: string, kind: AlertTarget["kind"], answer: unknown): Frame {
  if (kind === "status") return statusFrame(refId, asObject(answer) ?? {});
  const all = (Array.isArray(answer) ? answer : []).map(asObject).filter((one) => one !== undefined);
  const rows = kind === "groups" ? groupedAlerts(all) : all;
  const kept = rows.slice(0, MAX_ROWS);
  const notices: readonly Notice[] =
    rows.length > MAX_ROWS
      ? [
          {
            severity: "warning",
            text: `${rows.length} rows, of which the first ${MAX_ROWS} are shown; narrow the filter`,
          },
        ]
      : [];
  return tableOf(refId, columnsOf(kind, kept), kept.length, notices);
}

function tableOf(refId: string, fields: readonly Field[], length: number, notices: readonly Notice[] = []): Frame {
  return { refId, length, fields, meta: { type: "table", ...(notices.length > 0 && { notices }) } };
}

/** Returns the alerts of all groups, each with the receiver of its group. */
const groupedAlerts = (groups: readonly Row[]): readonly Row[] =>
  groups.flatMap((group) => {
    const receivers = [objectAt(group, "receiver") ?? {}];
    return listAt(group, "alerts")
      .map(asObject)
      .filter((alert) => alert !== undefined)
      .map((alert) => ({ ...alert, receivers }));
  });

function columnsOf(kind: AlertTarget["kind"], rows: readonly Row[]): readonly Field[] {
  switch (kind) {
    case "alerts":
    case "groups":
      return alertColumns(rows);
    case "silences":
      return silenceColumns(rows);
    case "receivers":
      return [text("name", rows, (row) => textAt(row, "name"))];
    case "status":
      return [];
  }
}

function alertColumns(rows: readonly Row[]): readonly Field[] {
  const status = (row: Row): JsonObject => objectAt(row, "status") ?? {};
  return [
    time("startsAt", rows),
    time("endsAt", rows),
    text("state", rows, (row) => textAt(status(row), "state")),
    ...mapColumns(rows, "labels", "annotations"),
    text("silencedBy", rows, (row) => textsAt(status(row), "silencedBy").join(", ")),
    text("inhibitedBy", rows, (row) => textsAt(status(row), "inhibitedBy").join(", ")),
    text("receivers", rows, (row) => namesOf(listAt(row, "receivers"))),
    text("generatorURL", rows, (row) => textAt(row, "generatorURL")),
    text("fingerprint", rows, (row) => textAt(row, "fingerprint")),
  ];
}

const silenceColumns = (rows: readonly Row[]): readonly Field[] => [
  time("startsAt", rows),
  time("endsAt", rows),
  text("state", rows, (row) => textAt(objectAt(row, "status") ?? {}, "state")),
  text("matchers", rows, (row) => listAt(row, "matchers").map(matcherText).join(", ")),
  text("createdBy", rows, (row) => textAt(row, "createdBy")),
  text("comment", rows, (row) => textAt(row, "comment")),
  time("updatedAt", rows),
  text("id", rows, (row) => textAt(row, "id")),
];

function matcherText(value: unknown): string {
  const matcher = asObject(value) ?? {};
  const operator = `${flagAt(matcher, "isEqual") === false ? "!" : ""}${flagAt(matcher, "isRegex") === true ? "~" : "="}`;
  const written = operator === "~" ? "=~" : operator;
  return `${textAt(matcher, "name")}${written}${JSON.stringify(textAt(matcher, "value"))}`;
}

function statusFrame(refId: string, answer: JsonObject): Frame {
  const version = objectAt(answer, "versionInfo") ?? {};
  const cluster = objectAt(answer, "cluster") ?? {};
  const rows = [
    {
      version: textAt(version, "version"),
      cluster: textAt(cluster, "status"),
      peers: String(listAt(cluster, "peers").length),
      uptime: textAt(answer, "uptime"),
    },
  ];
  const names = ["version", "cluster", "peers"] as const;
  const start = [{ startsAt: rows[0]!.uptime }];
  return tableOf(
    refId,
    [...names.map((name) => text(name, rows, (row) => textAt(row, name))), time("startsAt", start)],
    1,
  );
}

const namesOf = (list: readonly unknown[]): string => list.map((one) => textAt(asObject(one) ?? {}, "name")).join(", ");

/**
 * Returns a column for each key in the maps of the rows, for example labels and annotations. If a row has a key in
 * several maps, the value of the first map is used.
 */
function mapColumns(rows: readonly Row[], ...maps: readonly string[]): readonly Field[] {
  const texts = rows.map((row) => maps.map((map) => objectAt(row, map) ?? {}));
  const names = new Set(maps.flatMap((_, i) => [...new Set(texts.flatMap((of) => Object.keys(of[i]!)))].sort()));
  return [...names].slice(0, MAX_COLUMNS).map((name) => ({
    name,
    type: "string",
    values: texts.map((of) => of.map((map) => textAt(map, name)).find((value) => value !== "") ?? ""),
    config: { filterable: true },
  }));
}

const text = (name: string, rows: readonly Row[], of: (row: Row) => string): Field => ({
  name,
  type: "string",
  values: rows.map(of),
  config: {},
});

function time(name: string, rows: readonly Row[]): Field {
  const values = Float64Array.from(rows, (row) => Date.parse(textAt(row, name)));
  const nulls = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0));
  return { name, type: "time", values, ...(nulls.includes(1) && { nulls }), config: {} };
}
