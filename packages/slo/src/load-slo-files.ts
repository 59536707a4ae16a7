import {
  type ConfigFiles,
  DecodeContext,
  diskFiles,
  glob,
  INVALID,
  parseYamlDocuments,
  type Problem,
  SourceError,
  type YamlNode,
} from "@narthex/config";
import { type AlertWindows, STANDARD_WINDOWS } from "./alert-windows.ts";
import { NO_TEXTS } from "./codecs.ts";
import { FORMATS, signatureOf } from "./formats.ts";
import type { Texts } from "./generated-rule.ts";
import type { ServiceLevel } from "./objective.ts";
import { NamedObjects, openSloObject } from "./openslo/named-objects.ts";
import { alertWindowsObject } from "./sloth/alert-windows-object.ts";

/** The objectives of all files, or the problems that were found in the files. */
export type LoadedServiceLevels =
  | { readonly ok: true; readonly levels: readonly ServiceLevel[]; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface SloOptions {
  readonly files?: ConfigFiles;
  /** Value of the label `sloth_version`. */
  readonly version: string;
  /** Labels that all rules get. */
  readonly extraLabels?: Texts;
}

/** Largest file that is read, and the largest number of objectives of all files. */
const MAX_FILE_LENGTH = 4 << 20;
const MAX_OBJECTIVES = 5000;

/** Kinds of objects that other objects refer to. */
const REFERENCED = new Set(["SLI", "AlertPolicy", "AlertCondition"]);
/** Kinds of OpenSLO that have no effect on rules. */
const WITHOUT_EFFECT = new Set(["Service", "DataSource", "AlertNotificationTarget"]);

interface PlacedDocument {
  readonly node: YamlNode;
  readonly decode: DecodeContext;
}

/**
 * Reads the objectives of every file that the patterns match. Objects of any file may refer to objects of other files.
 * The problems of all files are reported together.
 */
export async function loadSloFiles(
  patterns: readonly string[],
  { files = diskFiles, version, extraLabels = NO_TEXTS }: SloOptions,
): Promise<LoadedServiceLevels> {
  const documents: PlacedDocument[] = [];
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const seen = new Set<string>();
  for (const pattern of patterns) {
    const matches = await glob(pattern, files);
    if (matches.length === 0) warnings.push(`SLO files: ${JSON.stringify(pattern)} matches no file`);
    for (const file of matches) {
      if (seen.has(file)) continue;
      seen.add(file);
      await readDocuments(file, files, documents, problems);
    }
  }
  const levels = problems.length > 0 ? [] : readLevels(documents, version, extraLabels);
  for (const { decode } of documents) for (const problem of decode.problems) problems.push(problem);
  if (problems.length > 0) return { ok: false, problems: [...new Set(problems)].sort(byPlace) };
  return { ok: true, levels, warnings };
}

const byPlace = (a: Problem, b: Problem): number =>
  a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;

/** Adds the documents of a file to the list, and its syntax errors to the problems. */
async function readDocuments(
  file: string,
  files: ConfigFiles,
  documents: PlacedDocument[],
  problems: Problem[],
): Promise<void> {
  try {
    const text = await files.read(file);
    if (text.length > MAX_FILE_LENGTH) throw new SourceError(`the file is longer than ${MAX_FILE_LENGTH} characters`);
    const parsed = parseYamlDocuments(text, file);
    for (const problem of parsed.problems) problems.push(problem);
    for (const node of parsed.roots) documents.push({ node, decode: new DecodeContext(file) });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    problems.push({ file, line: error.line, column: 0, code: "unreadable", message: error.message, hint: "" });
  }
}

/** Decodes all documents. Problems are reported to the documents' contexts. */
function readLevels(
  documents: readonly PlacedDocument[],
  version: string,
  extraLabels: Texts,
): readonly ServiceLevel[] {
  const catalog = new Map<number, AlertWindows>(STANDARD_WINDOWS);
  const named = new NamedObjects();
  const rest = documents.filter((document) => !isDefinition(document, catalog, named));
  const levels: ServiceLevel[] = [];
  const places = new Map<string, ServiceLevel>();
  for (const { node, decode } of rest) {
    const format = FORMATS.find(({ matches }) => matches(signatureOf(node)));
    if (format === undefined) {
      const hint = "write version: narthex/v1, or the version or apiVersion of Sloth, Pyrra or OpenSLO";
      decode.report(node, "unknown-format", "the document is no known format of objectives", hint);
      continue;
    }
    const known = decode.problems.length;
    const read = format.read(node, { decode, named, version, catalog, extraLabels });
    for (const level of read === INVALID || decode.problems.length > known ? [] : read) {
      const before = places.get(level.id);
      if (before !== undefined) {
        const where = `${before.file}:${before.line}`;
        decode.report(level, "repeated", `the objective ${level.id} is already in ${where}`, "rename one of the two");
        continue;
      }
      if (levels.length >= MAX_OBJECTIVES) {
        decode.report(level, "too-many", `there are more than ${MAX_OBJECTIVES} objectives`, "remove objectives");
        return [];
      }
      places.set(level.id, level);
      levels.push(level);
    }
  }
  return levels;
}

/** Stores a document that other documents use. Reports whether it is one. */
function isDefinition(
  { node, decode }: PlacedDocument,
  catalog: Map<number, AlertWindows>,
  named: NamedObjects,
): boolean {
  const { apiVersion, kind } = signatureOf(node);
  if (apiVersion === "sloth.slok.dev/v1" && kind === "AlertWindows") {
    const windows = alertWindowsObject.decode(node, decode);
    if (windows !== INVALID) catalog.set(windows.periodMs, windows);
    return true;
  }
  if (!apiVersion.startsWith("openslo/")) return false;
  if (WITHOUT_EFFECT.has(kind)) return true;
  if (!REFERENCED.has(kind)) return false;
  const object = openSloObject.decode(node, decode);
  if (object !== INVALID) named.add(object, decode);
  return true;
}
