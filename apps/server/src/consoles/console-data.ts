import type { Labels } from "@narthex/model";
import {
  GoMap,
  GoStruct,
  stringList,
  stringMap,
  templateFunction,
  type NamedType,
  type Value,
} from "@narthex/template";

/** Template type of URL parameters, as in Go: a list of values for each name. */
const URL_VALUES: NamedType<GoMap> = {
  name: "url.Values",
  methods: {
    Get: (values) => templateFunction(["string"], (name) => valuesOf(values, name)?.[0] ?? ""),
    Has: (values) => templateFunction(["string"], (name) => values.entries.has(name)),
    Encode: (values) => templateFunction([], () => encoded(values)),
  },
};

const DATA: NamedType<GoStruct> = {
  name: "struct { RawParams url.Values; Params map[string]string; Path string; ExternalLabels map[string]string }",
};

export function consoleData(path: string, fields: URLSearchParams, externalLabels: Labels): Value {
  const names = [...new Set(fields.keys())];
  const raw = new Map(names.map((name) => [name, stringList(fields.getAll(name))]));
  return new GoStruct(DATA, {
    RawParams: new GoMap(URL_VALUES, raw, stringList([])),
    Params: stringMap(names.map((name): [string, string] => [name, fields.get(name)!])),
    Path: path.replace(/^\/+/, ""),
    ExternalLabels: stringMap(externalLabels),
  });
}

const valuesOf = ({ entries }: GoMap, name: string): readonly string[] | undefined =>
  (entries.get(name) as ReturnType<typeof stringList> | undefined)?.items as readonly string[] | undefined;

function encoded(values: GoMap): string {
  const fields = new URLSearchParams();
  for (const name of [...values.entries.keys()].sort())
    for (const value of valuesOf(values, name) ?? []) fields.append(name, value);
  return fields.toString();
}
