import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readDashboard, type ReadDashboard } from "@narthex/dashboards";
import { childOf, type JsonNode, JsonTextError, readJsonText } from "./json-text.ts";

/** A place in a file. Line and column are counted from 1. */
export interface FileLocation {
  readonly line: number;
  readonly column: number;
}

/** Error for a file that contains no dashboard. The message contains the reason. */
export class DashboardFileError extends Error {
  override readonly name = "DashboardFileError";
  readonly location: FileLocation;

  constructor(message: string, place: FileLocation) {
    super(message);
    this.location = place;
  }
}

/** A dashboard's JSON with the place of each value in its file. */
export class DashboardFile {
  readonly name: string;
  readonly json: unknown;
  readonly root: JsonNode;
  readonly text: string;
  readonly #lineStarts: readonly number[];
  readonly #panels: ReadonlyMap<number, JsonNode>;

  private constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.#lineStarts = lineStartsOf(text);
    try {
      const { value, root } = readJsonText(text);
      this.json = value;
      this.root = root;
    } catch (error) {
      if (error instanceof JsonTextError) throw new DashboardFileError(error.message, this.placeAt(error.at));
      throw error;
    }
    this.#panels = panelsIn(this.root);
  }

  /** Reads a dashboard file. Throws DashboardFileError if the file cannot be read or does not contain JSON. */
  static read(cwd: string, name: string): DashboardFile {
    let text: string;
    try {
      text = readFileSync(name === "-" ? 0 : resolve(cwd, name), "utf8");
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : String(error);
      throw new DashboardFileError(`the file cannot be read: ${reason}`, { line: 1, column: 1 });
    }
    return new DashboardFile(name, text);
  }

  /** Returns the dashboard in the newest schema. Also accepts a file with a response of `GET /api/dashboards/uid/…`. */
  dashboard(): Promise<ReadDashboard> {
    const { json } = this;
    const isAnswer = isRecord(json) && isRecord(json["dashboard"]) && !Object.hasOwn(json, "panels");
    return readDashboard(isAnswer ? json["dashboard"] : json);
  }

  placeAt(offset: number): FileLocation {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - this.#lineStarts[low]! + 1 };
  }

  /**
   * Returns the position of a value in the file by its path, such as `targets[0].expr`. If only the start of the path
   * exists, returns the position of that part. If the panel does not exist, returns the start of the dashboard.
   */
  placeOf(path: string, panelId?: number): FileLocation {
    const panel = panelId === undefined ? undefined : this.#panels.get(panelId);
    let node = panel ?? this.root;
    if (panel !== undefined || panelId === undefined) {
      for (const step of stepsOf(path)) {
        const child = childOf(node, step);
        if (child === undefined) break;
        node = child;
      }
    }
    return this.placeAt(node.at);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Splits a path such as `panels[3].options["a b"]` into keys and indexes. */
function stepsOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\[("[^"\\]*(?:\\.[^"\\]*)*")\]|([^.[\]]+)/g)].map(([, index, quoted, key]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? (JSON.parse(quoted) as string) : key!,
  );
}

/** Returns the panels of a file by id. Includes the panels in rows and in the elements of the v2 form. */
function panelsIn(root: JsonNode): Map<number, JsonNode> {
  const found = new Map<number, JsonNode>();
  const visit = (node: JsonNode, isPanel: boolean): void => {
    if (node.kind === "object") {
      const id = childOf(node, "id");
      if (isPanel && id?.kind === "scalar" && !found.has(Number(id.text))) found.set(Number(id.text), node);
      for (const { key, node: child } of node.members) {
        if (key === "panels" && child.kind === "list") for (const panel of child.items) visit(panel, true);
        else if (key === "elements" && child.kind === "object")
          for (const { node: element } of child.members) visit(childOf(element, "spec") ?? element, true);
        else if (key === "rows" || key === "dashboard" || key === "spec") visit(child, false);
      }
    } else if (node.kind === "list") for (const item of node.items) visit(item, false);
  };
  visit(root, false);
  return found;
}
